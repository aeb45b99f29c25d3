//! What trainers say of how versions were made.

use frame_support::ensure;
use openledger_primitives::ModelId;
use sp_runtime::DispatchResult;

use crate::{
	types::{Attestation, Training},
	Config, Error, Event, Models, Pallet, Trainings, Versions,
};

impl<T: Config> Pallet<T> {
	pub(crate) fn do_name_trainer(
		who: T::AccountId,
		id: ModelId,
		version: u32,
		trainer: T::AccountId,
	) -> DispatchResult {
		let mut model = Self::owned(&who, id)?;
		ensure!(
			Versions::<T>::contains_key(id, version),
			Error::<T>::UnknownVersion
		);
		let deposit = match Trainings::<T>::get(id, version) {
			Some(before) => {
				ensure!(before.attestation.is_none(), Error::<T>::AlreadyAttested);
				before.deposit
			}
			None => {
				let deposit = Self::deposit_for_bytes::<Training<T::AccountId>>()?;
				Self::hold_for(&mut model, deposit)?;
				deposit
			}
		};

		Models::<T>::insert(id, model);
		let training = Training {
			trainer: trainer.clone(),
			attestation: None,
			deposit,
		};
		Trainings::<T>::insert(id, version, training);
		Self::deposit_event(Event::TrainerNamed {
			model: id,
			version,
			trainer,
		});
		Ok(())
	}

	pub(crate) fn do_attest(
		who: T::AccountId,
		id: ModelId,
		version: u32,
		attestation: Attestation,
	) -> DispatchResult {
		let mut training = Trainings::<T>::get(id, version)
			.filter(|training| training.trainer == who)
			.ok_or(Error::<T>::NotTrainer)?;
		ensure!(training.attestation.is_none(), Error::<T>::AlreadyAttested);
		ensure!(attestation.log_lines > 0, Error::<T>::EmptyLog);
		training.attestation = Some(attestation);
		Trainings::<T>::insert(id, version, training);
		Self::deposit_event(Event::TrainingAttested {
			model: id,
			version,
			trainer: who,
			attestation,
		});
		Ok(())
	}
}
