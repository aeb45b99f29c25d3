//! How the runtime itself makes transactions: off-chain workers submit results, validators report
//! equivocations.

use super::system::BlockHashCount;
use crate::{
	AccountId, AccountPublic, Balance, Nonce, Runtime, RuntimeCall, Signature, SignedPayload,
	System, TxExtension, UncheckedExtrinsic,
};
use codec::Encode;
use frame_system::offchain::{
	AppCrypto, CreateAuthorizedTransaction, CreateBare, CreateSignedTransaction, CreateTransaction,
	CreateTransactionBase, SigningTypes,
};
use pallet_revive::evm::tx_extension::SetOrigin;
use sp_runtime::{
	generic::{self, Era},
	traits::StaticLookup,
};

/// The extensions of a transaction made here. The metadata's hash is left out: who signs by machine
/// reads no metadata.
pub fn extension(
	era: Era,
	nonce: Nonce,
	tip: Balance,
	set_origin: SetOrigin<Runtime>,
) -> TxExtension {
	(
		frame_system::AuthorizeCall::new(),
		frame_system::CheckNonZeroSender::new(),
		frame_system::CheckSpecVersion::new(),
		frame_system::CheckTxVersion::new(),
		frame_system::CheckGenesis::new(),
		frame_system::CheckMortality::from(era),
		frame_system::CheckNonce::from(nonce),
		frame_system::CheckWeight::new(),
		pallet_transaction_payment::ChargeTransactionPayment::from(tip),
		frame_metadata_hash_extension::CheckMetadataHash::new(false),
		set_origin,
		frame_system::WeightReclaim::new(),
	)
}

impl SigningTypes for Runtime {
	type Public = AccountPublic;
	type Signature = Signature;
}

impl<LocalCall> CreateTransactionBase<LocalCall> for Runtime
where
	RuntimeCall: From<LocalCall>,
{
	type Extrinsic = UncheckedExtrinsic;
	type RuntimeCall = RuntimeCall;
}

impl<LocalCall> CreateBare<LocalCall> for Runtime
where
	RuntimeCall: From<LocalCall>,
{
	fn create_bare(call: RuntimeCall) -> UncheckedExtrinsic {
		generic::UncheckedExtrinsic::new_bare(call).into()
	}
}

impl<LocalCall> CreateTransaction<LocalCall> for Runtime
where
	RuntimeCall: From<LocalCall>,
{
	type Extension = TxExtension;

	fn create_transaction(call: RuntimeCall, extension: TxExtension) -> UncheckedExtrinsic {
		generic::UncheckedExtrinsic::new_transaction(call, extension).into()
	}
}

impl<LocalCall> CreateAuthorizedTransaction<LocalCall> for Runtime
where
	RuntimeCall: From<LocalCall>,
{
	fn create_extension() -> TxExtension {
		extension(Era::Immortal, 0, 0, SetOrigin::default())
	}
}

impl<LocalCall> CreateSignedTransaction<LocalCall> for Runtime
where
	RuntimeCall: From<LocalCall>,
{
	fn create_signed_transaction<C: AppCrypto<AccountPublic, Signature>>(
		call: RuntimeCall,
		public: AccountPublic,
		account: AccountId,
		nonce: Nonce,
	) -> Option<UncheckedExtrinsic> {
		// An off-chain worker runs after block `n` was imported, and sees the number `n + 1`.
		let parent = u64::from(System::block_number()).saturating_sub(1);
		let era = Era::mortal(u64::from(BlockHashCount::get()) / 2, parent);
		let payload = SignedPayload::new(call, extension(era, nonce, 0, SetOrigin::default()))
			.inspect_err(|error| log::error!("transaction can't be signed: {error:?}"))
			.ok()?;
		let signature = payload.using_encoded(|bytes| C::sign(bytes, public))?;
		let (call, extension, _) = payload.deconstruct();
		let address = <Runtime as frame_system::Config>::Lookup::unlookup(account);
		Some(generic::UncheckedExtrinsic::new_signed(call, address, signature, extension).into())
	}
}
