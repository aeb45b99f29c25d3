//! What the calls of the project's own pallets weigh, as `scripts/benchmark.sh` measured it.

pub mod pallet_access;
pub mod pallet_agents;
pub mod pallet_attribution;
pub mod pallet_callbacks;
pub mod pallet_channels;
pub mod pallet_contribution_voting;
pub mod pallet_copies;
pub mod pallet_curation;
pub mod pallet_datanets;
pub mod pallet_inference;
pub mod pallet_market;
pub mod pallet_models;
pub mod pallet_proposals;
pub mod pallet_reputation;
pub mod pallet_seasons;
