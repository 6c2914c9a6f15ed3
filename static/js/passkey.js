/* Passkeys in the browser's own words for them (Web Authentication level 3), and its faults in ours. */
const OLD = "This browser knows no passkeys. Use a current one, or your password.";
const FAULTS = {
  NotAllowedError: "Your passkey was not used: it was cancelled, it took too long, or it is not on this device.",
  InvalidStateError: "This device or key is among your passkeys already.",
  SecurityError: "Passkeys do not work at this address. Open Isocenter by its name, with https.",
};

function known(...names) {
  if (names.some((name) => typeof globalThis.PublicKeyCredential?.[name] !== "function")) throw new Error(OLD);
}

/* Each takes what the server made for it, and answers with what the server reads. */
export async function ask({ publicKey }) {
  known("parseRequestOptionsFromJSON");
  const options = PublicKeyCredential.parseRequestOptionsFromJSON(publicKey);
  return JSON.stringify(await navigator.credentials.get({ publicKey: options }));
}

export async function make({ publicKey }) {
  known("parseCreationOptionsFromJSON");
  // Where the device can, it keeps the key under the person's name, so that it can sign in by itself.
  const chosen = { ...publicKey.authenticatorSelection, residentKey: "preferred" };
  const options = PublicKeyCredential.parseCreationOptionsFromJSON({ ...publicKey, authenticatorSelection: chosen });
  return JSON.stringify(await navigator.credentials.create({ publicKey: options }));
}

export const words = (fault) => FAULTS[fault.name] ?? fault.message;
