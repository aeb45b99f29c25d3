//! Tests of the composition. What a single pallet does is tested in that pallet.

mod callbacks;
mod calls;
mod chain;
mod channels;
mod composition;
mod consensus;
mod conservation;
mod copies;
mod ethereum;
mod fees;
mod governance;
mod invariants;
mod links;
mod migrations;
mod presets;
mod proxies;
mod reputation;
mod safety;
