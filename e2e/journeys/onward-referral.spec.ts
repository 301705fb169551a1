import { looksRight } from "../support/accessible.js";
import { expect, test } from "../support/journey.js";

test("an address is confirmed before it is used, and a changed one again", async ({ server, pickUp }) => {
  const { device, signIn } = await pickUp();
  const { page } = device;
  await signIn.enrol(await server.invite());
  await page.getByRole("link", { name: "Settings" }).click();
  await page.getByRole("link", { name: "E-mail addresses of practices and other services" }).click();
  await page.getByRole("button", { name: "Import a file" }).click();
  const file = (email: string) => ({
    name: "addresses.csv",
    mimeType: "text/csv",
    buffer: Buffer.from(`ods,name,email\r\nA99999,"Elm Road, Surgery",${email}\r\n`),
  });
  await page.getByLabel("CSV file in UTF-8").setInputFiles(file("elm.road"));
  await expect(page.getByText("Line 2: The e-mail address is not one.")).toBeVisible();
  await page.getByLabel("CSV file in UTF-8").setInputFiles(file("elm.road@nhs.net"));
  await expect(page.getByText("1 added, 0 changed, 0 as before.")).toBeVisible();
  const entry = page.locator(".places__place").filter({ hasText: "Elm Road, Surgery" });
  await expect(entry).toContainText("nothing about patients is sent there");
  await entry.getByRole("button", { name: "Confirm" }).click();
  await page.getByRole("button", { name: "They confirmed the address by telephone" }).click();
  await expect(page.getByText("Enter the name and role of who confirmed the address.")).toBeVisible();
  await page.getByLabel("Name and role of who you spoke to").fill("Jo Reed, reception");
  await page.getByRole("button", { name: "They confirmed the address by telephone" }).click();
  await expect(entry).toContainText("By telephone: Jo Reed, reception");
  await looksRight(page, "address-book");
  await entry.getByRole("button", { name: "Change" }).click();
  await page.getByLabel("E-mail address for messages about patients").fill("elm.moved@nhs.net");
  await page.getByRole("button", { name: "Save", exact: true }).click();
  await expect(entry).toContainText("Not confirmed");
});

test("another pharmacy is chosen from the last results offline, phoned, and agreed before anything goes", async ({
  server,
  pickUp,
}) => {
  const { device, signIn, workList, consultation } = await pickUp();
  const { page } = device;
  await signIn.enrol(await server.invite());
  await page.getByRole("link", { name: "Services nearby" }).click();
  await page.getByLabel("Near which postcode?").fill("ZZ99 3VZ");
  await page.getByRole("button", { name: "Search", exact: true }).click();
  await expect(page.locator(".places__place")).toHaveCount(4);
  await workList.goto();
  await workList.open("TESTERTON");
  await server.stop();
  const panel = page.getByRole("region", { name: "Sending the patient on" });
  await panel.getByRole("button", { name: "Send the patient on to another service" }).click();
  await panel.getByLabel("Where is the patient sent?").selectOption("pharmacy");
  await panel.getByLabel("How urgent is it?").selectOption("routine");
  await panel.getByRole("button", { name: "Find it in the directory" }).click();
  await panel
    .locator(".places__place")
    .filter({ hasText: "Sycamore Pharmacy" })
    .getByRole("button", { name: "Choose" })
    .click();
  await expect(panel.getByLabel("Name of the service")).toHaveValue("Sycamore Pharmacy");
  await panel.getByLabel("Why is the patient sent there?").fill("Not in stock here.");
  await panel.getByLabel("Does the patient agree that the record goes there?").selectOption("yes");
  await expect(panel.getByText("Phone them first: enter who agreed to take the patient, and when.")).toBeVisible();
  await looksRight(page, "onward-not-agreed");
  await panel.getByLabel("Agreed with (name and role)").fill("Sam Lind, pharmacist");
  await expect(panel.getByText("Once signed, it goes to their work list if they use this server")).toBeVisible();
  await expect(consultation.truth("device")).toContainText("Saved on this device");
  await looksRight(page, "onward-agreed");
});
