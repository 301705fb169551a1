import { expect, test } from "../support/journey.js";
import { onTheRoad, sentHome } from "../support/pathways.js";
import type { Consultation } from "../support/screens/consultation.js";

/** One pathway from eligibility to a supply, as a pharmacist answers it at a patient's home. */
interface Visit {
  title: string;
  birthDate: string;
  direction: readonly [id: string, version: string];
  /** Is it this pathway, and what is found. */
  answer: (consultation: Consultation) => Promise<void>;
  /** What the panel says of it. */
  says: string;
  treatment: string;
  product: readonly [typed: string, name: string];
  /** Conditions of the direction that hold; all others do not. */
  holds: readonly (readonly [RegExp, string])[];
  supply: { quantity: string; days: string; directions: string };
}

const VISITS: Record<string, Visit> = {
  "a urinary infection": {
    title: "Uncomplicated urinary tract infection",
    birthDate: "1996-05-14",
    direction: ["uti-nitrofurantoin", "2.0"],
    answer: async (consultation) => {
      await consultation.fill("complaint", "It burns.");
      await consultation.no("catheter", "recurrent", "discharge", "urethritis", "sti-risk", "menopause");
      await consultation.yes("dysuria", "nocturia", "cloudy", "frequency");
      await consultation.no("urgency", "suprapubic", "blood");
      await consultation.pick("severity", "Moderate or severe");
    },
    says: "Key symptoms: 3",
    treatment: "Nitrofurantoin for 3 days",
    product: ["nitrofurantoin 100", "Nitrofurantoin 100mg modified-release capsules"],
    holds: [
      [/Two or more of/, "Yes"],
      [/Consent/, "Yes"],
    ],
    supply: { quantity: "6", days: "3", directions: "One, twice a day" },
  },
  shingles: {
    title: "Shingles",
    birthDate: "1956-05-14",
    direction: ["shingles-aciclovir", "1.0"],
    answer: async (consultation) => {
      await consultation.fill("rash-hours", "40");
      await consultation.fill("complaint", "A burning rash round one side.");
      await consultation.yes("typical");
      await consultation.no("widespread");
      await consultation.fill("dermatome", "T6, left");
      await consultation.no("non-truncal");
      await consultation.pick("pain", "Moderate");
      await consultation.pick("rash-severity", "Mild");
      await consultation.no("new-vesicles", "high-risk", "adherence-risk");
    },
    says: "Reasons for an antiviral in the first 72 hours: 2",
    treatment: "Aciclovir for 7 days",
    product: ["aciclovir 800", "Aciclovir 800mg tablets"],
    holds: [
      [/Within the window/, "Yes"],
      [/Consent/, "Yes"],
    ],
    supply: { quantity: "35", days: "7", directions: "One, five times a day" },
  },
  impetigo: {
    title: "Impetigo",
    birthDate: "1996-05-14",
    direction: ["impetigo-flucloxacillin", "2.0"],
    answer: async (consultation) => {
      await consultation.fill("duration-days", "3");
      await consultation.fill("complaint", "Crusts round the mouth and on the arms.");
      await consultation.no("bullous", "recurrent", "unwell", "deeper-infection", "herpes", "failed-antibiotic");
      await consultation.yes("typical");
      await consultation.fill("lesions", "6");
    },
    says: "Gateway crossed",
    treatment: "Flucloxacillin for 5 days",
    product: ["fluclox 500 cap", "Flucloxacillin 500mg capsules"],
    holds: [
      [/Four lesions/, "Yes"],
      [/Consent/, "Yes"],
    ],
    supply: { quantity: "20", days: "5", directions: "One, four times a day" },
  },
  "an infected insect bite": {
    title: "Infected insect bite",
    birthDate: "1996-05-14",
    direction: ["infected-insect-bite-flucloxacillin", "1.0"],
    answer: async (consultation) => {
      await consultation.fill("hours", "60");
      await consultation.fill("complaint", "Stung on the leg, and it spreads.");
      await consultation.no("animal-bite", "lyme", "abroad", "exotic", "failed-antibiotic");
      await consultation.yes("redness", "pain", "swelling", "spreading-or-pus");
      await consultation.no("heat", "unwell", "comorbidity", "severe-pain", "collection");
    },
    says: "Gateway crossed",
    treatment: "Flucloxacillin for 5 days",
    product: ["fluclox 500 cap", "Flucloxacillin 500mg capsules"],
    holds: [
      [/More than 48 hours/, "Yes"],
      [/Consent/, "Yes"],
    ],
    supply: { quantity: "20", days: "5", directions: "One, four times a day" },
  },
  sinusitis: {
    title: "Sinusitis",
    birthDate: "1996-05-14",
    direction: ["acute-sinusitis-phenoxymethylpenicillin", "1.0"],
    answer: async (consultation) => {
      await consultation.fill("duration-days", "14");
      await consultation.fill("complaint", "Blocked, and the face hurts.");
      await consultation.yes("nose", "face");
      await consultation.no("chronic");
      await consultation.yes("worse-again", "purulent");
      await consultation.no("fever", "one-sided");
      await consultation.yes("steroid-unsuitable");
    },
    says: "Bacterial signs: 2",
    treatment: "Phenoxymethylpenicillin for 5 days",
    product: ["phenoxymethyl 250 tab", "Phenoxymethylpenicillin 250mg tablets"],
    holds: [
      [/Over 10 days/, "Yes"],
      [/A nasal steroid unsuitable/, "Yes"],
      [/Consent/, "Yes"],
    ],
    supply: { quantity: "40", days: "5", directions: "Two, four times a day" },
  },
  "an ear infection": {
    title: "Acute otitis media",
    birthDate: "2009-05-14",
    direction: ["acute-otitis-media-amoxicillin", "1.0"],
    answer: async (consultation) => {
      await consultation.fill("duration-days", "2");
      await consultation.fill("complaint", "The ear runs.");
      await consultation.no("unwell", "recurrent");
      await consultation.yes("otoscopy-done");
      await consultation.pick("otoscopy-findings", "A discharge, or a hole in the drum");
      await consultation.no("both-ears");
      await consultation.pick("pain", "Moderate");
    },
    says: "Reasons for an antibiotic: 1",
    treatment: "Amoxicillin for 5 days",
    product: ["amoxicillin 500 cap", "Amoxicillin 500mg capsules"],
    holds: [
      [/Discharge or a perforation/, "Yes"],
      [/Consent/, "Yes"],
      [/weigh/i, "55"],
    ],
    supply: { quantity: "15", days: "5", directions: "One, three times a day" },
  },
};

for (const [name, visit] of Object.entries(VISITS)) {
  test(`${name} goes from eligibility to a signed supply with no network`, async ({ server, office, pickUp }) => {
    const ipad = await onTheRoad(server, office, pickUp, [visit.direction]);
    const { consultation, supply } = ipad;
    await ipad.workList.walkIn(visit.title, { familyName: "Quillfeather", birthDate: visit.birthDate, sex: "Female" });
    await consultation.whereWhoAndConsent();
    await consultation.noRedFlags();
    await consultation.background();
    await visit.answer(consultation);
    await expect(consultation.comesTo()).toContainText(visit.says);
    await expect(consultation.comesTo()).toContainText("Gateway crossed");
    const line = await supply.choose(visit.treatment, visit.product[0], visit.product[1]);
    await line.withinTheDirection(visit.holds);
    await line.details({ ...visit.supply, place: "To be delivered from the pharmacy" });
    await line.supply();
    await ipad.charge.exempt(/prepayment/i, "seen");
    await consultation.adviseAndDecide("Supplied, as decided for each medicine");
    await consultation.sign();
    const record = await sentHome(server, ipad);
    expect(record).toContain(visit.direction.join("@"));
  });
}
