//! The NHS systems Satchel talks to, one folder each: client, wire, mapping, simulator, tests.

pub mod fhir;
pub mod http;
pub mod simulator;

/// BaRS: what becomes of a referral, told to who sent it.
pub mod bars;
/// GP Connect: telling the patient's practice what was done.
pub mod gp_connect;
/// MESH: the NHS's mail for machines, which carries the messages to practices.
pub mod mesh;
/// ODS: practices and pharmacies.
pub mod ods;
/// PDS: who the patient is.
pub mod pds;
/// Access tokens for the APIs of the NHS API platform.
pub mod platform;
