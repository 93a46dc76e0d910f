"""Names of budget lines that stand in the ledger one by one."""

MEDICINES = tuple(
    """Dyspepsia and reflux; Antispasmodics; Acute diarrhoea; Chronic bowel disorders; Laxatives; Antisecretory medicines; Heart rhythm; Diuretics; Beta blockers;
    Hypertension and heart failure; Angina; Anticoagulants; Antiplatelets; Lipid lowering; Bronchodilators; Inhaled corticosteroids; Combination inhalers; Allergy and anaphylaxis;
    Oxygen; Mucolytics; Cough preparations; Sleep and anxiety; Antipsychotics; Depot antipsychotics; Antidepressants; ADHD medicines; Nausea and vertigo; Analgesics; Opioids; Migraine;
    Epilepsy; Parkinson's disease; Substance dependence; Dementia medicines; Antibacterials; Antifungals; Antivirals; Antiprotozoals; Insulins; Diabetes tablets;
    Injectable diabetes medicines; Glucose testing and sensors; Thyroid; Corticosteroids; Sex hormones; Osteoporosis; Pituitary hormones; Vaginal preparations; Contraceptives;
    Urinary retention; Overactive bladder; Erectile dysfunction; Cancer medicines in primary care; Immunosuppressants; Anaemia; Electrolytes; Enteral feeds; Vitamins;
    Infant formula; Antirheumatics; Gout; Muscle relaxants; Topical pain relief; Eye infections; Glaucoma; Dry eye; Ear preparations; Nasal preparations; Mouth and throat; Emollients;
    Topical corticosteroids; Psoriasis and eczema; Acne; Wound dressings; Compression hosiery; Stoma appliances; Incontinence appliances; Vaccines, personally administered""".replace(
        "\n", " "
    ).split("; ")
)

SPECIALISED = tuple(
    """Chemotherapy; Radiotherapy; Renal dialysis; Renal transplant; Cardiac surgery; Complex cardiology; Neurosurgery; Complex neurology; Spinal surgery; Vascular surgery;
    Thoracic surgery; Bone marrow transplant; Haemophilia; Sickle cell; Immunology; Infectious diseases; HIV treatment; Cystic fibrosis; Severe asthma; Liver disease;
    Complex endocrinology; Metabolic disorders; Genetics; Fetal medicine; Neonatal surgery; Paediatric intensive care transport; Paediatric cancer; Paediatric neurology;
    Paediatric heart disease; Major trauma; Burns; Complex rehabilitation; Prosthetics; Cochlear implants; Complex ophthalmology; Specialised dermatology; Specialised rheumatology;
    Pain management; Adult secure mental health; Young people's inpatient mental health; Eating disorder inpatients; Mother and baby unit""".replace(
        "\n", " "
    ).split("; ")
)

HIGH_COST_DRUGS = tuple(
    """Biologics, rheumatology; Biologics, gastroenterology; Biologics, dermatology; Macular degeneration; Diabetic macular oedema; Multiple sclerosis; Migraine antibodies;
    Osteoporosis injections; Growth hormone; Immunoglobulin; Anaemia of kidney disease; Insulin pumps; Continuous glucose sensors; Botulinum toxin; Severe asthma antibodies;
    Pulmonary hypertension; Cardiac devices; Spinal devices; Bone anchored hearing; Lipid injections; Homecare delivery; Other excluded drugs""".replace(
        "\n", " "
    ).split("; ")
)

TEAMS = tuple(
    """Chief executive and board; Finance; Contracting; Strategy and planning; Quality and nursing; Safeguarding; Medical directorate; Medicines optimisation; Primary care commissioning;
    Continuing healthcare commissioning; Mental health commissioning; Children's commissioning; Communications; Governance; Digital; Business intelligence; People and culture;
    Emergency planning; Place partnership; Clinical leads; Commissioning support; Audit and legal""".replace(
        "\n", " "
    ).split("; ")
)

PROPERTIES = tuple(
    """Northgate Health Centre; Canal Street Clinic; Harrowold Clinic; Brindlemoor Health Centre; Moor End Clinic; Castlewick Community Hospital; Priory Gate Clinic; Eastvale Health Centre;
    Kiln Street Clinic; Bellfield Clinic; Tarnside Community Hospital; Lowbridge Clinic; Southmere Health Centre; Reedbed Clinic; Beacon Hill Clinic""".replace(
        "\n", " "
    ).split("; ")
)

OTHER_PRIMARY = tuple(
    """Out of hours general practice; General practice IT; Clinical systems; Interpreting; Locum cover, maternity; Locum cover, sickness; Occupational health; Clinical waste;
    Minor surgery; Phlebotomy; Anticoagulation monitoring; ECG and 24-hour monitoring; Ear care; Wound care in practice; Shared care monitoring; Homeless health; Asylum seeker health;
    Training hub; Social prescribing top-up; Respiratory hubs; Pharmacist support; Primary care at the front door""".replace(
        "\n", " "
    ).split("; ")
)

VOLUNTARY = tuple(
    """Carers' support; Befriending; Bereavement; Stroke recovery; Dementia cafes; Sight loss; Hearing loss; Advocacy; Young carers; Mental health recovery; Crisis drop-in; Suicide prevention;
    Domestic abuse; Refugee support; Food and warmth; Community transport; Home from hospital; Falls prevention; Cancer information; Children's bereavement; Autism support;
    Learning disability choir and arts; Men's sheds; Volunteering hub; Green prescribing; Benefits advice""".replace(
        "\n", " "
    ).split("; ")
)

CONTINUING = (
    "Funded nursing care",
    "Fast track packages",
    "Jointly funded packages",
    "Children's continuing care",
    "Personal health budgets",
    "Retrospective claims",
    "Equipment for continuing healthcare",
)

BETTER_CARE = (
    "Discharge to assess",
    "Reablement",
    "Bed-based intermediate care",
    "Equipment store",
    "Carers' breaks",
    "Community alarm",
    "Handyperson",
    "Housing adaptations support",
    "Assistive technology",
    "Trusted assessors",
    "Hospital social work",
    "Care home support",
    "Integrated care coordination",
    "Protection of social care",
)

MENTAL_OTHER = (
    "Rehabilitation placements",
    "Complex care placements",
    "Acute placements elsewhere",
    "Supported housing",
    "Dementia placements",
    "Advocacy under the Mental Health Act",
    "Neurodiversity assessments bought in",
    "Counselling",
    "Online support for young people",
    "Eating disorder charity",
    "Veterans",
    "Suicide bereavement",
)

PUBLIC_HEALTH = (
    "Stop smoking",
    "Weight management",
    "NHS Health Check",
    "Physical activity",
    "Alcohol advice",
    "Infant feeding",
    "Workplace health",
    "Healthy schools",
)
SEXUAL_AND_DRUGS = (
    "Integrated sexual health clinics",
    "Open access elsewhere",
    "Contraception in general practice",
    "Emergency contraception in pharmacies",
    "HIV prevention",
    "Chlamydia screening",
    "Drug treatment, adults",
    "Alcohol treatment, adults",
    "Supervised consumption",
    "Needle exchange",
    "Residential rehabilitation",
    "Young people's drug and alcohol team",
)

CARE_TEAMS = (
    "Social work team",
    "Occupational therapy team",
    "Safeguarding adults team",
    "Review team",
)
CARE_PREVENTION = (
    "Reablement service",
    "Community equipment",
    "Telecare",
    "Meals",
    "Extra care housing",
    "Short breaks",
)
CARE_CENTRAL = (
    "Access and front door",
    "Deprivation of liberty assessments",
    "Approved mental health professionals",
    "Shared Lives scheme",
    "Sensory team",
    "Brokerage",
    "Financial assessment",
    "Commissioning",
    "Market sustainability",
    "Directorate",
    "Training",
    "Principal social worker",
    "Case management system",
    "Transport to day services",
    "In-house day centres",
    "Legal",
)

AMBULANCE = (
    "Emergency ambulance contract",
    "Hear and treat",
    "Conveyance incentive",
    "Air ambulance support",
)
URGENT_CALLS = (
    "NHS 111 calls",
    "Clinical assessment service",
    "Out of hours visiting",
    "Directory of services",
    "Winter resilience",
)
TRANSPORT = ("Patient transport contract", "Renal transport", "Discharge transport")
NON_RECURRENT = (
    "Transformation fund",
    "Digital pilot",
    "Elective recovery bids",
    "Winter capacity",
    "Workforce pilot",
    "Neighbourhood set-up",
    "Estates moves",
    "Redundancy provision",
)
