//! The table of tracks.

use super::*;
use crate::{
	configs::copies::CopyGrace,
	configs::openledger::{AgentSlashDefer, AgentUnbonding, ContestPeriod},
	constants::time::DAYS,
	governance::{
		origins::Pace,
		tracks::{Tracks, ROOT, ROOT_FLOOR},
	},
	BlockNumber,
};
use pallet_referenda::{TrackInfo, TracksInfo};
use sp_keyring::Sr25519Keyring::{Alice, Bob};
use sp_runtime::Perbill;

fn info(id: TrackId) -> TrackInfo<u128, BlockNumber> {
	Tracks::info(id).expect("it is a track").into_owned()
}

/// What it takes at most.
fn takes(id: TrackId) -> BlockNumber {
	let info = info(id);
	info.prepare_period + info.decision_period + info.confirm_period + info.min_enactment_period
}

#[test]
fn each_origin_has_a_track_of_its_own_in_order() {
	Chain::new(LOCAL).execute(|| {
		assert_ok!(Tracks::check_integrity());
		let ids: Vec<_> = Tracks::track_ids().collect();
		assert_eq!(ids, all().map(|(id, _)| id));
		assert!(ids.is_sorted_by(|one, next| one < next));
		for (id, origin) in all() {
			assert_eq!(Tracks::track_for(&origin), Ok(id));
		}
		let names = [
			"root",
			"whitelisted_caller",
			"parameter_admin",
			"agent_admin",
			"datanet_admin",
			"model_funder",
			"referendum_canceller",
			"referendum_killer",
			"small_spender",
			"medium_spender",
			"big_spender",
		];
		for (track, name) in Tracks::tracks().zip(names) {
			let named = String::from_utf8(track.info.name.to_vec()).unwrap();
			assert_eq!(named.trim_end_matches('\0'), name);
			assert_eq!(info(track.id), track.info);
		}
		let none: [OriginCaller; 2] = [
			RawOrigin::None.into(),
			RawOrigin::Signed(Alice.to_account_id()).into(),
		];
		for origin in none {
			assert_eq!(Tracks::track_for(&origin), Err(()));
		}
		assert_eq!(Tracks::info(2), None);
	});
}

#[test]
fn periods_are_blocks_at_any_pace() {
	Chain::new(LOCAL).execute(|| {
		for pace in [1, crate::genesis_config_presets::PACE, PACE, u32::MAX] {
			Pace::<Runtime>::put(pace);
			for (id, _) in all() {
				let info = info(id);
				assert!(info.prepare_period > 0);
				assert!(info.decision_period > 0);
				assert!(info.confirm_period > 0);
				assert!(info.min_enactment_period > 0);
				assert!(info.max_deciding > 0 && info.decision_deposit > 0);
			}
		}
	});
}

#[test]
fn what_is_asked_for_falls_and_a_tie_never_passes() {
	Chain::new(LOCAL).execute(|| {
		for (id, _) in all() {
			let info = info(id);
			for curve in [&info.min_approval, &info.min_support] {
				let thresholds: Vec<_> = (0..=100)
					.map(|percent| curve.threshold(Perbill::from_percent(percent)))
					.collect();
				assert!(thresholds.is_sorted_by(|one, next| one >= next), "{id}");
				assert!(curve.passing(Perbill::one(), Perbill::one()));
			}
			let end = |curve: &pallet_referenda::Curve| curve.threshold(Perbill::one());
			let approval = end(&info.min_approval);
			assert!(approval > Perbill::from_percent(50), "{id}");
			assert!(
				approval < Perbill::from_percent(66),
				"34 % cannot stop track {id}"
			);
			assert!(end(&info.min_support) >= Perbill::from_percent(5));
		}
		// What runs as Root is never easier than Root.
		let (root, urgent) = (info(ROOT), info(tracks::WHITELISTED_CALLER));
		assert_eq!(root.min_approval, urgent.min_approval);
		assert_eq!(root.min_support, urgent.min_support);
		let most = Perbill::from_percent(51);
		assert!(!root.min_approval.passing(Perbill::one(), most));
	});
}

#[test]
fn governance_has_the_time_to_say_what_it_is_asked() {
	Chain::new(LOCAL).execute(|| {
		for pace in [1, crate::genesis_config_presets::PACE] {
			Pace::<Runtime>::put(pace);
			assert!(AgentSlashDefer::get() > takes(tracks::AGENT_ADMIN));
			assert!(AgentUnbonding::get() > AgentSlashDefer::get());
			assert!(ContestPeriod::get() > takes(tracks::DATANET_ADMIN));
			assert!(CopyGrace::get() > takes(tracks::PARAMETER_ADMIN));
			assert!(takes(tracks::REFERENDUM_CANCELLER) < info(ROOT).decision_period);
			assert!(takes(tracks::REFERENDUM_KILLER) < info(ROOT).decision_period);
		}
		Pace::<Runtime>::put(1);
		assert_eq!(AgentSlashDefer::get(), 4 * DAYS);
		assert_eq!(ContestPeriod::get(), 14 * DAYS);
	});
}

#[test]
fn root_takes_twice_as_long_below_the_floor() {
	let floor = ROOT_FLOOR / crate::constants::currency::UNIT;
	let periods = |open| {
		let mut chain = chain(&[(Alice, open)]);
		chain.execute(|| all().map(|(id, _)| info(id).decision_period))
	};
	let (young, grown) = (periods(floor - 1), periods(floor + 1));
	assert_eq!(young[0], 28);
	assert_eq!(grown[0], 14);
	assert_eq!(young[1..], grown[1..], "no other track is concerned");
}

#[test]
fn a_young_chain_waits_for_those_who_would_say_no() {
	// Of a fifth of all reputation Root is not content, however long it takes.
	let call = || frame_system::Call::remark { remark: vec![] }.into();
	for (total, days) in [(1_000, 28), (1_000_000, 14)] {
		let mut chain = chain(&[(Alice, total / 5), (Bob, total / 5 * 4)]);
		let index = referendum(&mut chain, Alice, RawOrigin::Root.into(), call());
		let begun = chain.number();
		assert_ok!(chain.call(Alice, aye(index)));
		assert_eq!(wait(&mut chain, index, 60), Outcome::Rejected);
		let took = chain.number() - begun;
		assert!((days..=days + 2).contains(&took), "{took} of {days}");
		checked(chain);
	}
}

#[test]
#[should_panic(expected = "time can be divided by 1 or more")]
fn time_is_not_divided_by_nothing() {
	Chain::patched(LOCAL, json!({ "origins": { "pace": 0 } }));
}

#[test]
fn metadata_say_what_the_tracks_are() {
	Chain::new(LOCAL).execute(|| {
		let metadata = Runtime::metadata().encode();
		let tracks: Vec<_> = Tracks::tracks()
			.map(|track| (track.id, track.info.encode()))
			.collect();
		for (id, info) in tracks {
			// The name is told as a string, which the length comes before.
			let told = [id.encode(), codec::Compact(25u32).encode(), info].concat();
			assert!(
				metadata.windows(told.len()).any(|bytes| bytes == told),
				"{id}"
			);
		}
	});
}
