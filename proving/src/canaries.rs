//! A day of visitors with unmistakable names, and the search for what is left of them.

pub mod search;
pub mod visitors;
