"""Freezing by name, early stop that survives an interruption, and a whole network handed from stage to stage."""

import json
import pickle
import shutil

import numpy as np
import pytest

pytest.importorskip("torch", reason="needs the packages of .venv-ml (make test-ml)")

import ml.torchvision_shim  # noqa: F401

import torch

from ml.errors import ModelRefused
from ml.nnunet.environment import Folders, nnunet_environment
from ml.nnunet.trainers import DECODER, TRAINERS, StepScratch, TrainingSettings, best_epoch, out_of_patience
from ml.nnunet.weights import load_checkpoint, load_weights, network_weights, save_weights, without_heads

DATASET = "Dataset888_Child"


@pytest.fixture()
def make(small_run, tmp_path, monkeypatch):
    """Trainers on the preprocessed cases of the small run, with results in a folder of the test."""
    torch.set_num_threads(1)
    variables = nnunet_environment(Folders(small_run.folder)) | {"nnUNet_results": str(tmp_path / "results")}
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    folder = small_run.folder / "preprocessed" / DATASET

    def trainer(kind="scratch", change_plans=lambda plans: None, **settings):
        plans = json.loads((folder / "nnUNetPlans.json").read_text()) | {"continue_training": False}
        change_plans(plans)
        made = kind if isinstance(kind, type) else TRAINERS[kind]
        dataset = json.loads((folder / "dataset.json").read_text())
        trainer = made(plans, "3d_fullres", 0, dataset, torch.device("cpu"))
        short = {"epochs": 1, "iterations": 2, "validation_iterations": 1, "save_every": 1}
        trainer.use(TrainingSettings(**short | settings))
        trainer.initialize()
        return trainer

    return trainer


def copy_of(network):
    return {name: tensor.clone() for name, tensor in network.state_dict().items()}


def changed(before, network, prefixes):
    after = network.state_dict()
    return {name for name in before if name.startswith(prefixes) and not torch.equal(before[name], after[name])}


def in_optimizer(trainer):
    return sum(each.numel() for group in trainer.optimizer.param_groups for each in group["params"])


def test_the_decoder_module_holds_the_whole_encoder_which_is_why_names_decide(make):
    network = make().network

    decoder = {id(each) for each in network.decoder.parameters()}

    assert all(id(each) in decoder for each in network.encoder.parameters())


@pytest.mark.parametrize(
    ("kind", "frozen", "trained"),
    [("transfer-encoder", ("encoder.",), ("decoder.stages.",)), ("transfer-decoder", DECODER, ("encoder.",))],
)
def test_frozen_tensors_are_the_same_bits_after_training_and_the_others_are_not(make, kind, frozen, trained):
    trainer = make(kind)
    before = copy_of(trainer.network)

    trainer.run_training()

    assert changed(before, trainer.network, frozen) == set()
    assert len(changed(before, trainer.network, trained)) > 20


@pytest.mark.parametrize(
    ("kind", "parameters"), [("scratch", 351_270), ("transfer-encoder", 130_878), ("transfer-decoder", 220_392)]
)
def test_the_optimizer_holds_only_what_may_change(make, kind, parameters):
    # Measured on nnU-Net's network of 8, 16, 32, 64 features in a prototype written independently of this code.
    assert in_optimizer(make(kind)) == parameters


def test_running_means_of_a_frozen_encoder_do_not_drift(make):
    def with_batch_norm(plans):
        kwargs = plans["configurations"]["3d_fullres"]["architecture"]["arch_kwargs"]
        kwargs["norm_op"] = "torch.nn.modules.batchnorm.BatchNorm3d"

    trainer = make("transfer-encoder", with_batch_norm)
    before = copy_of(trainer.network)

    trainer.run_training()

    running = {name for name in before if "running_" in name and ".all_modules." not in name}
    drifted = changed(before, trainer.network, ("encoder.", "decoder.stages.")) & running
    assert drifted == {name for name in running if name.startswith("decoder.stages.")}


def test_stage_three_takes_the_whole_network_and_stage_two_all_but_the_heads(make, tmp_path):
    parent, child = make(), make("transfer-decoder")
    save_weights(parent.network.state_dict(), tmp_path / "parent.safetensors")
    given, own = load_weights(tmp_path / "parent.safetensors"), copy_of(child.network)

    child.load_network(given)
    assert changed(parent.network.state_dict(), child.network, "") == set()

    child.load_network(without_heads(own, given))
    differing = changed(parent.network.state_dict(), child.network, "")
    assert differing and all(".seg_layers." in name for name in differing)


def test_a_source_with_another_network_is_refused(make):
    own = copy_of(make().network)
    other = {name: tensor[:1] for name, tensor in own.items()}

    with pytest.raises(ModelRefused) as refusal:
        without_heads(own, other)

    assert refusal.value.code == "weights.shape"


@pytest.mark.parametrize(
    ("averages", "best", "patience", "over"),
    [
        ([0.5], 0, 1, False),
        ([0.5, 0.4, 0.3], 0, 2, True),
        ([0.5, 0.4, 0.6], 2, 2, False),
        ([0.5, 0.5, 0.5], 0, 2, True),  # an equal value is no improvement
        ([float("nan"), 0.1, 0.0], 1, 2, False),
        ([], 0, 1, False),
    ],
)
def test_patience_counts_epochs_since_the_first_best(averages, best, patience, over):
    assert best_epoch(averages) == best
    assert out_of_patience(averages, patience) is over


class FallingDice(StepScratch):
    """Reports a validation Dice that falls from epoch to epoch, whatever the network does."""

    def on_validation_epoch_end(self, val_outputs):
        super().on_validation_epoch_end(val_outputs)
        self.logger.local_logger.my_fantastic_logging["ema_fg_dice"][-1] = 0.9 - 0.1 * self.current_epoch


def test_training_ends_when_patience_does_with_best_and_final_checkpoints(make, tmp_path):
    trainer = make(FallingDice, epochs=6, patience=2)

    trainer.run_training()

    assert (trainer.current_epoch, trainer.best_epoch) == (3, 0)
    assert load_checkpoint(next(tmp_path.rglob("checkpoint_best.pth")))["current_epoch"] == 1
    assert next(tmp_path.rglob("checkpoint_final.pth"))


def test_an_interrupted_training_goes_on_counting_from_its_best_epoch(make, tmp_path):
    class Interrupted(Exception):
        pass

    def interrupt(trainer):
        if trainer.current_epoch == 2:
            raise Interrupted

    first = make(FallingDice, epochs=6, patience=2)
    first.after_epoch = interrupt
    with pytest.raises(Interrupted):
        first.run_training()

    second = make(FallingDice, epochs=6, patience=2)
    second.load_checkpoint(str(next(tmp_path.rglob("checkpoint_latest.pth"))))
    seen = []
    second.after_epoch = lambda trainer: seen.append(trainer.current_epoch)
    second.run_training()

    assert seen == [3]  # one epoch more, not three
    assert second.best_epoch == 0


def test_a_training_that_had_ended_by_patience_is_not_trained_further_after_a_restart(make, tmp_path):
    first = make(FallingDice, epochs=6, patience=2)
    first.run_training()

    second = make(FallingDice, epochs=6, patience=2)
    second.load_checkpoint(str(next(tmp_path.rglob("checkpoint_final.pth"))))

    assert second.finished


class Malicious:
    def __reduce__(self):
        return (open, ("pwned", "w"))


def test_a_checkpoint_that_would_run_code_is_refused_and_runs_none(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "plain.pth").write_bytes(pickle.dumps(Malicious()))
    torch.save({"network_weights": {}, "extra": Malicious()}, tmp_path / "zip.pth")

    for name in ("plain.pth", "zip.pth"):
        with pytest.raises(ModelRefused) as refusal:
            load_checkpoint(tmp_path / name)
        assert refusal.value.code == "checkpoint.unsafe"
    assert not (tmp_path / "pwned").exists()


def test_a_cut_checkpoint_is_refused(small_run, tmp_path):
    whole = next(small_run.folder.rglob("checkpoint_final.pth"))
    shutil.copyfile(whole, tmp_path / "cut.pth")
    content = (tmp_path / "cut.pth").read_bytes()
    (tmp_path / "cut.pth").write_bytes(content[: len(content) // 2])

    with pytest.raises(ModelRefused):
        load_checkpoint(tmp_path / "cut.pth")


def test_safetensors_hold_the_very_weights_of_the_checkpoint(small_run):
    from ml.training.stages import Cell

    stored = load_weights(small_run.cell_folder(Cell("scratch", 0)) / "weights.safetensors")
    best = network_weights(next(small_run.folder.glob("results/*/*/fold_0/checkpoint_best.pth")))

    assert stored.keys() == best.keys()
    assert all(np.array_equal(stored[name].numpy(), best[name].numpy()) for name in best)
