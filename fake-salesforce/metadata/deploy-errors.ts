import type { Confidence } from '../error-table.ts'

export interface DeployError {
  problem: string
  confidence: Confidence
}

function said(confidence: Confidence, problem: string): DeployError {
  return { problem, confidence }
}

/**
 * What a component's failure says. Where a code leads the text, the code is the sure part; the words behind it are a guess unless marked.
 * `V-obs`: quoted by somebody who deployed to a live org.
 */
export const deployErrors = {
  noOauthSettings: () =>
    said('V-obs', "The external client app configured in your global OAuth Settings doesn't have a valid OAuth settings configuration."),
  noGlobalSettings: () =>
    said('?', "The external client app doesn't have a valid OAuth settings configuration: its global OAuth settings are missing."),
  unknownApp: (name: string) => said('V-obs', `INVALID_CROSS_REFERENCE_KEY: no external client app named ${name} found`),
  /** V-obs: that the allowed values are listed. */
  badEnum: (field: string, value: string, allowed: readonly string[]) =>
    said('V-obs', `Invalid value '${value.slice(0, 60)}' for ${field}. Valid values are: ${allowed.join(', ')}`),
  badScopes: (scopes: string[], allowed: readonly string[]) =>
    said('V-obs', `There's a problem with your scope(s): ${scopes.join(', ').slice(0, 200)}. Valid values are: ${allowed.join(', ')}`),
  takenKey: () => said('V-obs', 'DUPLICATE_VALUE: the consumer key is already in use'),
  takenName: (name: string) => said('V-obs', `DUPLICATE_VALUE: the developer name ${name} is already in use`),
  keyFixed: () => said('?', 'FIELD_INTEGRITY_EXCEPTION: the consumer key of an existing app cannot be changed'),
  badKey: () => said('M', 'FIELD_INTEGRITY_EXCEPTION: a consumer key has 8 to 256 alphanumeric characters'),
  noDeveloperPermission: () => said('V-obs', 'INSUFFICIENT_ACCESS_OR_READONLY: insufficient access rights on object id'),
  connectedAppBlocked: () => said('?', 'Creating connected apps is not allowed in this org. Create an external client app instead.'),
  connectedAppUnsupported: () => said('?', 'This fake does not deploy changes of connected apps.'),
  codeCredRefused: () =>
    said(
      '?',
      'isCodeCredFlowEnabled: authorization code and credentials flows are not allowed in the OAuth and OpenID Connect settings of this org',
    ),
  packagedInSandbox: () => said('?', "You can't package external client apps from a scratch org or sandbox."),
  unknownElement: (element: string, type: string) =>
    said('M', `Element {http://soap.sforce.com/2006/04/metadata}${element.slice(0, 60)} invalid at this location in type ${type}`),
  repeatedElement: (element: string, type: string) => said('M', `Element ${element} is duplicated at this location in type ${type}`),
  badBoolean: (value: string) => said('M', `'${value.slice(0, 60)}' is not a valid value for the type xsd:boolean`),
  badInt: (value: string) => said('M', `'${value.slice(0, 60)}' is not a valid value for the type xsd:int`),
  missingField: (field: string) => said('M', `Required field is missing: ${field}`),
  badXml: (reason: string) => said('M', `Error parsing file: ${reason.slice(0, 200)}`),
  doctype: () => said('?', 'Error parsing file: a document type declaration is not allowed'),
  wrongRoot: (found: string, type: string) =>
    said('M', `Error parsing file: the root element is ${found.slice(0, 60)}, ${type} was expected`),
  badName: (name: string) =>
    said(
      'M',
      `${name.slice(0, 80)}: an API name can only contain underscores and alphanumeric characters, must begin with a letter, not include spaces, not end with an underscore, and not contain two consecutive underscores`,
    ),
  badCallback: (url: string) => said('M', `The callback URL ${url.slice(0, 200)} must be https, http://localhost, or of a custom scheme`),
  badIpRange: (range: string) => said('?', `${range.slice(0, 100)} is no IP range`),
  tooManyIps: () => said('V', 'At most 128 ranges of together 256 addresses are allowed'),
  missingPeriod: () => said('?', 'refreshTokenValidityPeriod and refreshTokenValidityUnit are required for this refresh token policy'),
  noManifest: () => said('M', 'No package.xml found'),
  badVersion: (version: string) => said('M', `Invalid version specified:${version.slice(0, 20)}`),
  unknownType: (type: string) => said('M', `Unknown type name '${type.slice(0, 80)}' specified in package.xml`),
  notInZip: (type: string, name: string) =>
    said('M', `An object '${name.slice(0, 80)}' of type ${type} was named in package.xml, but was not found in zipped directory`),
  notInManifest: () => said('M', 'Not in package.xml'),
  unknownFile: (path: string) => said('M', `The file ${path.slice(0, 200)} has a directory or suffix that belongs to no metadata type`),
  badZip: () => said('M', 'The zip file cannot be read'),
  bigZip: () => said('M', 'LIMIT_EXCEEDED: Maximum size of request reached'),
  rotateCommand: (field: string) => said('V-obs', `${field} is a command: the app's credentials are replaced by this deployment`),
}
