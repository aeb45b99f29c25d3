//! The settings of each pallet, by subject.

#![warn(missing_docs)]

pub mod callbacks;
pub mod channels;
pub mod consensus;
pub mod copies;
pub mod data;
pub mod governance;
pub mod links;
pub mod market;
pub mod money;
pub mod openledger;
pub mod proposals;
pub mod revive;
pub mod safety;
pub mod staking;
pub mod system;
pub mod transactions;
pub mod transfers;
pub mod utility;
