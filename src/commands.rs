//! What a person can ask of the kiosk, one room for each command.

pub mod location_qr;
pub mod passages;
pub mod sync;
