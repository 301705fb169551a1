// Writes server/src/nhs/fhir/r4.txt: the elements of the FHIR R4 (4.0.1, CC0) resources that BaRS exchanges, in order.
// Usage: node script/r4_elements.mjs   (needs e2e/node_modules)
import { createRequire } from 'node:module';
import { writeFileSync } from 'node:fs';

const here = new URL('..', import.meta.url);
const { Fhir } = createRequire(process.argv[2] ?? new URL('e2e/package.json', here))('fhir');
const definitions = new Fhir().parser.parsedStructureDefinitions;

const RESOURCES = `AllergyIntolerance Appointment Bundle CapabilityStatement CarePlan Communication Condition Consent Device
  DocumentReference Encounter EpisodeOfCare Flag HealthcareService Location Medication MedicationRequest MedicationStatement
  MessageDefinition MessageHeader Observation OperationOutcome Organization Patient Practitioner PractitionerRole Procedure
  Questionnaire QuestionnaireResponse RelatedPerson ServiceRequest Task`.split(/\s+/);
// Types of value[x] that no message here carries.
const LEFT_OUT = new Set(['Contributor', 'DataRequirement', 'Expression', 'ParameterDefinition', 'RelatedArtifact', 'TriggerDefinition',
  'Signature', 'SampledData', 'Narrative']);

const lines = new Map();
const waiting = [...RESOURCES];

function describe(path, properties) {
  if (lines.has(path)) return;
  const elements = [];
  lines.set(path, elements);
  for (const property of properties) {
    const { _name: name, _type: type, _multiple: many, _properties: inner } = property;
    if (name.startsWith('_') || !type || LEFT_OUT.has(type)) continue;
    let kind = type.startsWith('#') ? type.slice(1) : type;
    if (inner && inner.length > 0 && (type === 'BackboneElement' || type === 'Element')) {
      kind = `${path}.${name}`;
      describe(kind, inner);
    } else if (/^[A-Z]/.test(kind) && kind !== 'Resource' && !kind.includes('.')) {
      waiting.push(kind);
    }
    elements.push(`${name}:${kind}${many ? '*' : ''}`);
  }
}

while (waiting.length > 0) {
  const kind = waiting.shift();
  const definition = definitions[kind];
  if (!definition) throw new Error(`no definition of ${kind}`);
  describe(kind, definition._properties);
}

const text = [...lines].sort(([a], [b]) => (a < b ? -1 : 1)).map(([path, elements]) => `${path} ${elements.join(' ')}\n`).join('');
writeFileSync(new URL('server/src/nhs/fhir/r4.txt', here), text);
