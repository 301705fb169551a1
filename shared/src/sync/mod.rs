//! How a device and the server come to agree: a change log with a cursor, pushed and pulled in frames (design 5).
//!
//! 1. A device pushes one frame of many documents; a change is known by its hash, so sending twice is harmless.
//! 2. The server answers per document: stored, or refused and why.
//! 3. A device pulls everything after its cursor; each frame ends with the cursor to continue from.
//! 4. Every answer carries the server's epoch; a new one means the server was restored, and heads are compared.
//! 5. A nudge says there is news; losing it costs nothing but delay.

pub mod device;
pub mod frame;
pub mod server;

#[cfg(test)]
mod simulation;
