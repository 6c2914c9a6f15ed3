/* AES-GCM with a key that the server gives to one person for one report (reporting/joining/sealing.py). Only on a secure page. */
export const bytes = (text) => Uint8Array.from(atob(text), (one) => one.charCodeAt(0));
const key = (secret) => crypto.subtle.importKey("raw", bytes(secret), "AES-GCM", false, ["encrypt", "decrypt"]);

export async function sealed(plain, secret) {
  const iv = crypto.getRandomValues(new Uint8Array(12));
  return { iv, data: await crypto.subtle.encrypt({ name: "AES-GCM", iv }, await key(secret), plain) };
}

export const opened = async ({ iv, data }, secret) => crypto.subtle.decrypt({ name: "AES-GCM", iv }, await key(secret), data);
