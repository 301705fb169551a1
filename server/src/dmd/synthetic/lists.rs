//! The small code lists as NHSBSA publishes them (medicines.md 1.4).

/// Section of `f_lookup` with its codes and words.
pub const LISTS: [(&str, &[(&str, &str)]); 19] = [
    ("COMBINATION_PACK_IND", &[("0001", "Combination pack"), ("0002", "Component only pack")]),
    ("COMBINATION_PROD_IND", &[("0001", "Combination Product"), ("0002", "Component only product")]),
    (
        "BASIS_OF_NAME",
        &[
            ("0001", "rINN - Recommended International Non-proprietary"),
            ("0002", "BAN - British Approved Name"),
            ("0007", "Other"),
        ],
    ),
    ("NAMECHANGE_REASON", &[("0000", " "), ("0004", "Other")]),
    (
        "VIRTUAL_PRODUCT_PRES_STATUS",
        &[
            ("0001", "Valid as a prescribable product"),
            ("0002", "Invalid to prescribe in NHS primary care"),
            ("0003", "Not prescribable as a VMP but AMP prescribable"),
            ("0004", "Never Valid To Prescribe As A VMP"),
            ("0005", "Not Recommended To Prescribe As A VMP"),
            ("0006", "VMP not recommended to prescribe - brands not bioequivalent"),
            ("0007", "VMP not recommended to prescribe - patient training required"),
            ("0008", "VMP not recommended to prescribe -no published specification"),
        ],
    ),
    (
        "CONTROL_DRUG_CATEGORY",
        &[
            ("0000", "No Controlled Drug Status"),
            ("0001", "Schedule 1 (CD Lic)"),
            ("0002", "Schedule 2 (CD)"),
            ("0003", "Schedule 2 (CD Exempt Safe Custody)"),
            ("0004", "Schedule 3 (CD No Register)"),
            ("0005", "Schedule 3 (CD No Register Exempt Safe Custody)"),
            ("0006", "Schedule 3 (CD No Register Phenobarbital)"),
            ("0007", "Schedule 3 (CD No Register Temazepam)"),
            ("0008", "Schedule 4 (CD Anab)"),
            ("0009", "Schedule 4 (CD Benz)"),
            ("0010", "Schedule 5 (CD Inv)"),
        ],
    ),
    (
        "LICENSING_AUTHORITY",
        &[
            ("0000", "None"),
            ("0001", "Medicines - MHRA/EMA"),
            ("0002", "Devices"),
            ("0003", "Unknown"),
            ("0004", "Traditional Herbal Medicines"),
        ],
    ),
    (
        "DT_PAYMENT_CATEGORY",
        &[
            ("0001", "Part VIIIA Category A"),
            ("0003", "Part VIIIA Category C"),
            ("0005", "Part IXa"),
            ("0011", "Part VIIIA Category M"),
        ],
    ),
    ("BASIS_OF_STRNTH", &[("0001", "Based on Ingredient Substance"), ("0002", "Based on Base Substance")]),
    (
        "REIMBURSEMENT_STATUS",
        &[("0000", "Not allowed (not in Drug Tariff)"), ("0001", "Allowed (in Drug Tariff)")],
    ),
    ("SPEC_CONT", &[("0001", "Special container"), ("0002", "Sub-pack is a special container")]),
    (
        "DND",
        &[
            ("0001", "Discount not deducted - automatic"),
            ("0002", "Discount not deducted - endorsement required"),
        ],
    ),
    (
        "VIRTUAL_PRODUCT_NON_AVAIL",
        &[("0000", "Actual Products Available"), ("0001", "Actual Products not Available")],
    ),
    ("DISCONTINUED_IND", &[("0000", "Reinstated"), ("0001", "Discontinued Flag")]),
    ("DF_INDICATOR", &[("1", "Discrete"), ("2", "Continuous"), ("3", "Not applicable")]),
    (
        "PRICE_BASIS",
        &[
            ("0001", "NHS Indicative Price"),
            ("0002", "No Price Available"),
            ("0003", "No Price product centrally funded"),
            ("0004", "No Price priced when manufactured"),
        ],
    ),
    ("LEGAL_CATEGORY", &[("0001", "GSL"), ("0002", "P"), ("0003", "POM"), ("0004", "Not Applicable")]),
    (
        "AVAILABILITY_RESTRICTION",
        &[
            ("0001", "None"),
            ("0002", "Restricted Availability"),
            ("0003", "Individual Patient Supply"),
            ("0004", "Imported"),
            ("0005", "Clinical Trial"),
            ("0006", "Special"),
            ("0007", "Extemp"),
            ("0008", "Hospital Only"),
            ("0009", "Not available"),
        ],
    ),
    (
        "LICENSING_AUTHORITY_CHANGE_REASON",
        &[("0001", "Licence Granted"), ("0006", "Discontinued/Expired/Lapsed ")],
    ),
];
