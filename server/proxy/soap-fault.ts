import type { ServerResponse } from 'node:http'

/** SOAP carries its session inside the body, where the gateway does not put tokens in. `path` with its leading slashes collapsed. */
export function isSoap(path: string): boolean {
  return /^\/services\/Soap(\/|\?|$)/i.test(path)
}

const TEXT =
  'The gateway does not carry SOAP. Use the REST API: jsforce 3 and simple-salesforce do so for queries, records and Bulk 2.0; for deployments set SF_ORG_METADATA_REST_DEPLOY=true in the sf CLI.'

const FAULT = `<?xml version="1.0" encoding="UTF-8"?>
<soapenv:Envelope xmlns:soapenv="http://schemas.xmlsoap.org/soap/envelope/"><soapenv:Body><soapenv:Fault><faultcode>soapenv:Client</faultcode><faultstring>${TEXT}</faultstring></soapenv:Fault></soapenv:Body></soapenv:Envelope>
`

/** A fault goes with 500 (SOAP 1.1 §6.2), else clients do not read it. */
export function answerSoapFault(response: ServerResponse, extra: string[]): void {
  response.writeHead(500, ['content-type', 'text/xml; charset=utf-8', 'content-length', String(Buffer.byteLength(FAULT)), ...extra])
  response.end(FAULT)
}
