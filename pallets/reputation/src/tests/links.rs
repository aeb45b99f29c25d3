//! What is paid by whom one is linked to.

use crate::{mock::*, Accounts, Event};
use openledger_primitives::traits::Link;

#[test]
fn what_a_linked_payer_pays_adds_nothing() {
	build_and_execute(|| {
		Linked::set(vec![(1, 2)]);
		earn(1, 2, 1_000);
		System::assert_last_event(
			Event::LinkedPayment {
				who: 1,
				payer: 2,
				amount: 1_000,
				link: Link::Proxy,
			}
			.into(),
		);
		earn(2, 1, 1_000);
		assert_eq!(Accounts::<Test>::iter_keys().count(), 0);
		assert_eq!(crate::Total::<Test>::get(), Default::default());
	});
}

#[test]
fn others_keep_what_the_same_payer_pays_them() {
	build_and_execute(|| {
		Linked::set(vec![(1, 2)]);
		for who in [1, 3] {
			earn(who, 2, 1_000);
			earn(who, 4, 500);
		}
		assert_eq!(Reputation::pending(1), 500);
		assert_eq!(Reputation::pending(3), 1_500);
	});
}

#[test]
fn dust_says_nothing_about_links() {
	build_and_execute(|| {
		Linked::set(vec![(1, 2)]);
		earn(1, 2, MIN_EARNED - 1);
		assert_eq!(System::event_count(), 0);
	});
}
