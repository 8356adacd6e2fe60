//! What the command line can do. Here the rooms meet; none of them knows another.

pub mod demo;
pub mod desk;
pub mod doctor;
pub mod exchange;
pub mod eye;
pub mod journal;
pub mod lane_loop;
pub mod location_qr;
pub mod passages;
pub mod pin;
pub mod place;
pub mod replay;
pub mod report;
pub mod roster;
pub mod run;
pub mod session;
pub mod sync;
pub mod throwaway;
pub mod verify;
