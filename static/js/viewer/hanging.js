// How cases are hung, as the RIS says it now: it may have changed since the viewer started.

const read = (protocol) => (protocol ? JSON.parse(protocol) : null);

// Whether the viewer of this window has the protocol as it is said here; an empty one is OHIF's own.
export function knows(inside, protocol) {
  const hung = read(protocol);
  return !hung || inside.hangings?.[hung.id] === JSON.stringify(hung);
}

export function learn(inside, protocol) {
  if (knows(inside, protocol)) return;
  const hung = read(protocol);
  inside.services.hangingProtocolService.addProtocol(hung.id, inside.JSON.parse(protocol)); // of the frame's own realm
  inside.hangings = { ...inside.hangings, [hung.id]: JSON.stringify(hung) };
}
