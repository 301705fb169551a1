//! Forms of the synthetic release, with the codes that dm+d publishes for them (`f_lookup` of April 2019).

/// How a product is made, and how its packs are counted.
#[derive(Debug, Clone, Copy)]
pub struct Form {
    /// As `medicines.toml` calls it.
    pub key: &'static str,
    /// FORM.
    pub code: u64,
    pub name: &'static str,
    /// ONT_FORM_ROUTE; empty for none.
    pub ont: &'static str,
    pub ont_name: &'static str,
    /// ROUTE; 0 for none.
    pub route: u64,
    /// UNIT_OF_MEASURE of pack sizes.
    pub unit: u64,
    /// DF_INDICATOR.
    pub indicator: &'static str,
    /// What an invented product of this form is called after its strength.
    pub plural: &'static str,
}

const ORAL: u64 = 26_643_006;
const CUTANEOUS: u64 = 6_064_005;
const INHALATION: u64 = 18_679_011_000_001_101;
const OCULAR: u64 = 54_485_002;
const SUBCUTANEOUS: u64 = 34_206_005;
const NASAL: u64 = 46_713_006;
const VAGINAL: u64 = 16_857_009;
const TRANSDERMAL: u64 = 45_890_007;

pub const ROUTES: [(u64, &str); 8] = [
    (ORAL, "Oral"),
    (CUTANEOUS, "Cutaneous"),
    (INHALATION, "Inhalation"),
    (OCULAR, "Ocular"),
    (SUBCUTANEOUS, "Subcutaneous"),
    (NASAL, "Nasal"),
    (VAGINAL, "Vaginal"),
    (TRANSDERMAL, "Transdermal"),
];

const TABLET: u64 = 428_673_006;
const CAPSULE: u64 = 428_641_000;
pub const ML: u64 = 258_773_002;
pub const GRAM: u64 = 258_682_000;
pub const MG: u64 = 258_684_004;
pub const MICROGRAM: u64 = 258_685_003;
pub const UNIT: u64 = 258_666_001;
pub const DOSE: u64 = 3_317_411_000_001_100;
pub const PERCENT_WEIGHT: u64 = 3_314_511_000_001_109;
pub const PERCENT_VOLUME: u64 = 282_379_003;
const CARTRIDGE: u64 = 732_988_008;
const SACHET: u64 = 733_013_000;
const PESSARY: u64 = 733_007_009;
const DEVICE: u64 = 3_318_711_000_001_107;

pub const UNITS: [(u64, &str); 14] = [
    (TABLET, "tablet"),
    (CAPSULE, "capsule"),
    (ML, "ml"),
    (GRAM, "gram"),
    (MG, "mg"),
    (MICROGRAM, "microgram"),
    (UNIT, "unit"),
    (DOSE, "dose"),
    (PERCENT_WEIGHT, "%w/w"),
    (PERCENT_VOLUME, "%w/v"),
    (CARTRIDGE, "cartridge"),
    (SACHET, "sachet"),
    (PESSARY, "pessary"),
    (DEVICE, "device"),
];

macro_rules! form {
    ($key:literal, $code:literal, $name:literal, $ont:literal, $ont_name:literal, $route:expr, $unit:expr, $df:literal, $plural:literal) => {
        Form {
            key: $key,
            code: $code,
            name: $name,
            ont: $ont,
            ont_name: $ont_name,
            route: $route,
            unit: $unit,
            indicator: $df,
            plural: $plural,
        }
    };
}

/// Those that invented products have come first.
pub const INVENTED: usize = 9;
/// Of everything that is no medicine.
pub const APPLIANCE: usize = FORMS.len() - 1;

#[rustfmt::skip]
pub const FORMS: [Form; 22] = [
    form!("tablet", 385_055_001, "Tablet", "0001", "tablet.oral", ORAL, TABLET, "1", "tablets"),
    form!("capsule", 385_049_006, "Capsule", "0003", "capsule.oral", ORAL, CAPSULE, "1", "capsules"),
    form!("mr-tablet", 385_061_003, "Modified-release tablet", "0002", "tabletmodified-release.oral", ORAL, TABLET, "1", "modified-release tablets"),
    form!("gr-tablet", 385_059_007, "Gastro-resistant tablet", "0016", "tabletgastro-resistant.oral", ORAL, TABLET, "1", "gastro-resistant tablets"),
    form!("solution", 385_023_001, "Oral solution", "0005", "solution.oral", ORAL, ML, "2", "oral solution"),
    form!("suspension", 385_024_007, "Oral suspension", "0006", "suspension.oral", ORAL, ML, "2", "oral suspension"),
    form!("cream", 385_099_005, "Cream", "0008", "cream.cutaneous", CUTANEOUS, GRAM, "2", "cream"),
    form!("injection", 385_219_001, "Solution for injection", "0022", "solutioninjection.subcutaneous", SUBCUTANEOUS, CARTRIDGE, "1", "solution for injection"),
    form!("eye-drops", 385_124_005, "Eye drops", "0173", "liquiddrops.ophthalmic", OCULAR, ML, "2", "eye drops"),
    form!("mr-capsule", 385_054_002, "Modified-release capsule", "0009", "capsulemodified-release.oral", ORAL, CAPSULE, "1", ""),
    form!("gr-capsule", 385_052_003, "Gastro-resistant capsule", "0017", "capsulegastro-resistant.oral", ORAL, CAPSULE, "1", ""),
    form!("soluble-tablet", 35_367_311_000_001_104, "Soluble tablet", "0094", "tabletdispersible.oral", ORAL, TABLET, "1", ""),
    form!("dispersible-tablet", 35_366_911_000_001_101, "Dispersible tablet", "0094", "tabletdispersible.oral", ORAL, TABLET, "1", ""),
    form!("inhaler", 385_203_008, "Pressurised inhalation", "0004", "pressurizedinhalation.inhalation", INHALATION, DOSE, "1", ""),
    form!("powder-inhaler", 385_207_009, "Inhalation powder", "0028", "powderinhalation.inhalation", INHALATION, DOSE, "1", ""),
    form!("ointment", 385_101_003, "Ointment", "0007", "ointment.cutaneous", CUTANEOUS, GRAM, "2", ""),
    form!("gel", 385_100_002, "Gel", "0039", "gel.cutaneous", CUTANEOUS, GRAM, "2", ""),
    form!("eye-ointment", 385_123_004, "Eye ointment", "0011", "ointment.ophthalmic", OCULAR, GRAM, "2", ""),
    form!("nasal-spray", 385_159_005, "Nasal spray suspension", "0049", "suspensionspray.nasal", NASAL, DOSE, "1", ""),
    form!("pessary", 385_174_007, "Pessary", "0045", "pessary.vaginal", VAGINAL, PESSARY, "1", ""),
    form!("transdermal-gel", 385_100_002, "Gel", "0040", "gel.transdermal", TRANSDERMAL, SACHET, "1", ""),
    form!("appliance", 3_097_611_000_001_100, "Not applicable", "", "", 0, DEVICE, "3", ""),
];

/// The place of a form by its key.
pub fn form(key: &str) -> Option<usize> {
    FORMS.iter().position(|form| form.key == key)
}
