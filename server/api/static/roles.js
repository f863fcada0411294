// What members may be, from the least rights to the most.

export const ROLES = ["viewer", "analyst", "planner", "admin", "owner"];

// Whether members of that role approve, invite, and read what was done.
export function manages(role) {
  return role === "admin" || role === "owner";
}

// What somebody of that role may make of others.
export function gives(role) {
  return role === "owner" ? ROLES : ROLES.filter((one) => one !== "owner");
}
