import { expect, test } from "../support/journey.js";
import { onTheRoad, sentHome } from "../support/pathways.js";
import { looksRight } from "../support/accessible.js";

test("a sore throat goes from eligibility to a signed supply of penicillin with no network", async ({ server, office, pickUp }) => {
  const ipad = await onTheRoad(server, office, pickUp, [["sore-throat-phenoxymethylpenicillin", "1.0"]]);
  const { consultation, supply } = ipad;
  await ipad.workList.walkIn("Sore throat", { familyName: "Quillfeather", birthDate: "1996-05-14", sex: "Female" });
  await consultation.whereWhoAndConsent();
  await consultation.noRedFlags();
  await consultation.background();
  await consultation.fill("duration-days", "2");
  await consultation.fill("complaint", "Cannot swallow without pain.");
  await consultation.no("scarlet-fever", "quinsy", "glandular-fever", "cancer-signs");
  await consultation.yes("fp-fever", "fp-purulence", "fp-inflamed");
  await consultation.no("fp-no-cough");
  await expect(supply.offers()).toContainText("The answers so far offer no medicine.");
  await consultation.pick("severity", "Severe: it keeps them from eating, drinking or sleeping");
  await expect(consultation.comesTo()).toContainText("FeverPAIN: 4");
  await expect(consultation.comesTo()).toContainText("Gateway crossed");
  const line = await supply.choose("Phenoxymethylpenicillin for 5 days", "phenoxymethyl 250 tab", "Phenoxymethylpenicillin 250mg tablets");
  await expect(line.supplyButton()).toHaveCount(0);
  await line.withinTheDirection([
    [/FeverPAIN/, "Yes"],
    [/Consent/, "Yes"],
  ]);
  await line.details({ quantity: "41", days: "5", directions: "Two, four times a day", place: "To be delivered from the pharmacy" });
  await expect(line.refusals()).toContainText("A supply of this much is not allowed");
  await line.fill("Quantity", "40");
  await looksRight(ipad.device.page, "pathway-supply");
  await line.supply();
  await ipad.charge.exempt(/prepayment/i, "seen");
  await consultation.adviseAndDecide("Supplied, as decided for each medicine");
  await consultation.sign();
  const record = await sentHome(server, ipad);
  expect(record).toContain("sore-throat-phenoxymethylpenicillin@1.0");
});

test("a mild sore throat crosses the gateway without a supply", async ({ server, office, pickUp }) => {
  const ipad = await onTheRoad(server, office, pickUp, []);
  const { consultation } = ipad;
  await ipad.workList.walkIn("Sore throat", { familyName: "Quillfeather", birthDate: "1996-05-14", sex: "Female" });
  await consultation.whereWhoAndConsent();
  await consultation.noRedFlags();
  await consultation.background();
  await consultation.fill("duration-days", "2");
  await consultation.fill("complaint", "Sore throat.");
  await consultation.no("scarlet-fever", "quinsy", "glandular-fever", "cancer-signs");
  await consultation.yes("fp-fever");
  await consultation.no("fp-purulence", "fp-inflamed", "fp-no-cough");
  await consultation.adviseAndDecide("Self-care, with or without a medicine bought");
  await expect(consultation.comesTo()).toContainText("Comes back if no better in 3 to 5 days.");
  await expect(consultation.comesTo()).toContainText("Gateway crossed");
  await consultation.sign();
  const record = await sentHome(server, ipad);
  expect(record).toContain("self-care-3-to-5-days");
});

test("somebody whom the pathway excludes is offered nothing, is referred on, and crosses no gateway", async ({ server, office, pickUp }) => {
  const ipad = await onTheRoad(server, office, pickUp, []);
  const { consultation, supply } = ipad;
  await ipad.workList.walkIn("Sore throat", { familyName: "Quillfeather", birthDate: "1996-05-14", sex: "Female" });
  await consultation.whereWhoAndConsent();
  await consultation.noRedFlags();
  await consultation.background();
  await consultation.fill("duration-days", "2");
  await consultation.fill("complaint", "Sore throat.");
  await consultation.yes("quinsy");
  await consultation.no("scarlet-fever", "glandular-fever", "cancer-signs");
  await consultation.yes("fp-fever", "fp-purulence", "fp-inflamed", "fp-no-cough");
  await consultation.pick("severity", "Severe: it keeps them from eating, drinking or sleeping");
  await expect(supply.offers()).toContainText("The answers so far offer no medicine.");
  await expect(ipad.device.page.getByText("Outside this pathway: refer on.")).toBeVisible();
  await consultation.adviseAndDecide("Refer on, urgent");
  await expect(consultation.comesTo()).toContainText("as a pathway this consultation is not payable");
  await consultation.sign();
});

test("without an authorisation of this professional nothing is supplied under a direction", async ({ server, office, pickUp }) => {
  const ipad = await onTheRoad(server, office, pickUp, []);
  const { consultation, supply } = ipad;
  await ipad.workList.walkIn("Sore throat", { familyName: "Quillfeather", birthDate: "1996-05-14", sex: "Female" });
  await consultation.pick("setting", "At the patient's home");
  await supply.offers().getByRole("button", { name: "Other medicines of this pathway" }).click();
  const line = await supply.choose("Phenoxymethylpenicillin for 5 days", "phenoxymethyl 250 tab", "Phenoxymethylpenicillin 250mg tablets");
  await expect(line.refusals()).toContainText("No signed authorisation of yours");
  await expect(line.supplyButton()).toHaveCount(0);
});
