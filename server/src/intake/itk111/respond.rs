//! The SOAP 1.1 bodies that answer a 111 message (ITK 2.2).

use super::Report;
use super::fault::Fault;
use quick_xml::escape::escape;
use uuid::Uuid;

/// The content type of both answers.
pub const CONTENT_TYPE: &str = "text/xml; charset=utf-8";

/// What tells the sender that the report was stored; sent with status 200, only after it was.
pub fn success_body(report: &Report, response_id: Uuid) -> String {
    format!(
        r#"<?xml version="1.0" encoding="UTF-8"?>
<soap:Envelope xmlns:soap="http://schemas.xmlsoap.org/soap/envelope/" xmlns:wsa="http://www.w3.org/2005/08/addressing">
  <soap:Header>
    <wsa:MessageID>{id}</wsa:MessageID>
    <wsa:Action>{service}Response</wsa:Action>{relates_to}
  </soap:Header>
  <soap:Body>
    <itk:SimpleMessageResponse xmlns:itk="urn:nhs-itk:ns:201005">OK:{tracking}</itk:SimpleMessageResponse>
  </soap:Body>
</soap:Envelope>
"#,
        id = upper(response_id),
        service = escape(report.service.as_str()),
        relates_to = relates_to(&report.message_id),
        tracking = escape(report.arrived.message_id.as_str()),
    )
}

/// What tells the sender that nothing was stored and why; sent with status 500 (SOAP 1.1, 6.2).
pub fn fault_body(fault: &Fault, error_id: Uuid, response_id: Uuid) -> String {
    format!(
        r#"<?xml version="1.0" encoding="UTF-8"?>
<soap:Envelope xmlns:soap="http://schemas.xmlsoap.org/soap/envelope/" xmlns:wsa="http://www.w3.org/2005/08/addressing" xmlns:itk="urn:nhs-itk:ns:201005">
  <soap:Header>
    <wsa:MessageID>{id}</wsa:MessageID>
    <wsa:Action>http://www.w3.org/2005/08/addressing/soap/fault</wsa:Action>
    <wsa:To>http://www.w3.org/2005/08/addressing/anonymous</wsa:To>{relates_to}
  </soap:Header>
  <soap:Body>
    <soap:Fault>
      <faultcode>soap:{code}</faultcode>
      <faultstring>{text}</faultstring>
      <detail>
        <itk:ToolkitErrorInfo>
          <itk:ErrorID>{error}</itk:ErrorID>
          <itk:ErrorCode codeSystem="2.16.840.1.113883.2.1.3.2.4.17.268">{itk_code}</itk:ErrorCode>
          <itk:ErrorText>{text}</itk:ErrorText>
          <itk:ErrorDiagnosticText>{diagnostic}</itk:ErrorDiagnosticText>
        </itk:ToolkitErrorInfo>
      </detail>
    </soap:Fault>
  </soap:Body>
</soap:Envelope>
"#,
        id = upper(response_id),
        relates_to = relates_to(&fault.relates_to),
        code = fault.code.as_str(),
        text = escape(fault.text.as_str()),
        error = upper(error_id),
        itk_code = fault.itk_code,
        diagnostic = escape(fault.diagnostic.as_str()),
    )
}

/// ITK senders compare ids as upper-case text.
fn upper(id: Uuid) -> String {
    id.to_string().to_uppercase()
}

fn relates_to(message_id: &str) -> String {
    if message_id.is_empty() {
        return String::new();
    }
    format!("\n    <wsa:RelatesTo>{}</wsa:RelatesTo>", escape(message_id))
}
