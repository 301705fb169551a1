//! The NHS systems Satchel talks to, one folder each: client, wire, mapping, simulator, tests.

pub mod fhir;
pub mod http;
pub mod simulator;

/// BaRS: what becomes of a referral, told to who sent it.
pub mod bars;
/// NHSBSA's Manage Your Service: what is claimed.
pub mod claims;
/// The Directory of Services: organisations and their endpoints, as FHIR.
pub mod dos_fhir;
/// The Directory of Services over its older REST API.
pub mod dos_rest;
/// Digital Medicines: telling the practice of an emergency supply, where its system is of that age.
pub mod emergency_supply;
/// RTEC: whether the NHS knows an exemption of a patient from charges.
pub mod exemption_check;
/// GP Connect: telling the patient's practice what was done.
pub mod gp_connect;
/// ITK3: messages between organisations, and the answers to them.
pub mod itk3;
/// MESH: the NHS's mail for machines, which carries the messages to practices.
pub mod mesh;
/// ODS: practices and pharmacies.
pub mod ods;
/// PDS: who the patient is.
pub mod pds;
/// Access tokens for the APIs of the NHS API platform.
pub mod platform;
/// The Clinical Prescription Tracker: a patient's electronic prescriptions.
pub mod prescription_tracker;
/// GP Connect Send Document: the notice as a PDF inside a message.
pub mod send_document;
/// Service Search: pharmacies, dentists and others as NHS.UK shows them.
pub mod service_search;
/// What the directories of services have in common.
pub mod services;
