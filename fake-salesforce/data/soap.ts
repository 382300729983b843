import { text, type Reply } from '../reply.ts'

/** Any SOAP call: the fault that says that a session is invalid; SOAP itself is not imitated. */
export function soapFault(): Reply {
  const fault =
    '<?xml version="1.0" encoding="UTF-8"?><soapenv:Envelope xmlns:soapenv="http://schemas.xmlsoap.org/soap/envelope/" ' +
    'xmlns:sf="urn:fault.partner.soap.sforce.com"><soapenv:Body><soapenv:Fault><faultcode>sf:INVALID_SESSION_ID</faultcode>' +
    '<faultstring>INVALID_SESSION_ID: Invalid Session ID found in SessionHeader: Illegal Session</faultstring>' +
    '</soapenv:Fault></soapenv:Body></soapenv:Envelope>'
  return text(500, fault, 'text/xml; charset=utf-8')
}
