import { Option, type Command } from 'commander'

/** How a command is told which org it works on. */
export function addOrgFlags(command: Command): Command {
  return command
    .option('--target-org <alias>', 'the org, by its alias or username in the Salesforce CLI')
    .option('--instance-url <My Domain>', 'the org without the Salesforce CLI: its token comes from SF_ACCESS_TOKEN, or is asked for')
    .addOption(new Option('--allow-loopback-org', 'an org on this machine: the practice org or a fake').hideHelp())
}
