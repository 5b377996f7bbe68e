"""Our trainers under the names by which nnU-Net's own commands look them up (variable `nnUNet_extTrainer`)."""

from ml.nnunet.trainers import StepAdult, StepScratch, StepTransfer, StepTransferDecoder, StepTransferEncoder

__all__ = ["StepAdult", "StepScratch", "StepTransfer", "StepTransferDecoder", "StepTransferEncoder"]
