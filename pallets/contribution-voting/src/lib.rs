//! # Contribution voting
#![cfg_attr(not(feature = "std"), no_std)]
