"""Sequential networks that Keras saves as HDF5, read by way of DL4J's importer."""

import json
import os

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import keras
import numpy as np

import lorica
import models

SIDE = 12


def networks():
    """Case, network, channels of its images."""
    layers = keras.layers

    def sequential(channels, *stack):
        return keras.Sequential([layers.Input((SIDE, SIDE, channels)), *stack])

    yield "dense, relu, softmax", sequential(1, layers.Flatten(), layers.Dense(9, activation="relu"), layers.Dense(4, activation="softmax")), 1
    yield "dense, tanh, gelu, elu", sequential(1, layers.Flatten(), layers.Dense(9, activation="tanh"), layers.Dense(7, activation="elu"), layers.Dense(3, activation="softmax")), 1
    yield "dropout, activation layers", sequential(1, layers.Flatten(), layers.Dense(9), layers.Activation("relu"), layers.Dropout(0.4), layers.Dense(4, activation="softmax")), 1
    yield "convolution, max pooling", sequential(3, layers.Conv2D(5, 3, activation="relu"), layers.MaxPooling2D(2), layers.Flatten(), layers.Dense(6, activation="relu"), layers.Dense(3, activation="softmax")), 3
    yield "convolution filled up, stride 2, mean pooling", sequential(3, layers.Conv2D(4, 3, strides=2, padding="same", activation="relu"), layers.AveragePooling2D(2), layers.Flatten(), layers.Dense(3, activation="softmax")), 3
    yield "two convolutions, mean of all places", sequential(1, layers.Conv2D(4, 3, activation="relu"), layers.Conv2D(6, 3, activation="relu"), layers.GlobalAveragePooling2D(), layers.Dense(5, activation="softmax")), 1
    yield "zeros around, 1 x 1 convolution", sequential(3, layers.ZeroPadding2D(1), layers.Conv2D(4, 1, activation="relu"), layers.Flatten(), layers.Dense(3, activation="softmax")), 3
    yield "one value", sequential(1, layers.Flatten(), layers.Dense(9, activation="relu"), layers.Dense(1)), 1
    yield "without biases", sequential(1, layers.Flatten(), layers.Dense(9, activation="relu", use_bias=False), layers.Dense(4, activation="softmax", use_bias=False)), 1


def refused():
    layers = keras.layers
    yield "colours, flattened, whose order is not ours", keras.Sequential([layers.Input((SIDE, SIDE, 3)), layers.Flatten(), layers.Dense(3, activation="softmax")]), []
    yield "softmax as a layer of its own", keras.Sequential([layers.Input((SIDE, SIDE, 1)), layers.Flatten(), layers.Dense(5), layers.Softmax()]), ["last layer"]
    yield "batch normalisation", keras.Sequential([layers.Input((SIDE, SIDE, 1)), layers.Flatten(), layers.Dense(5), layers.BatchNormalization(), layers.Dense(3, activation="softmax")]), ["BatchNormalization"]
    given = layers.Input((SIDE, SIDE, 1))
    yield "functional", keras.Model(given, layers.Dense(3, activation="softmax")(layers.Flatten()(given))), ["Sequential"]


def saved(network, folder, channels):
    draws = np.random.default_rng(models.SEED)
    network.set_weights([(draws.normal(0, 1.2 / max(1, np.prod(w.shape[:-1])) ** 0.5, w.shape)).astype("float32") for w in network.get_weights()])
    folder.mkdir()
    network.compile(loss="categorical_crossentropy" if network.output_shape[-1] > 1 else "mse")
    network.save(folder / "network.h5")
    (folder / "preprocessor_config.json").write_text(json.dumps({"do_resize": False, "image_mean": [0.5] * channels, "image_std": [0.5] * channels}))
    return folder / "network.h5"


def check(account, folder):
    part = "keras"
    for i, (case, network, channels) in enumerate(networks()):
        file = saved(network, folder / f"network{i}", channels)
        pixels = models.image_folder(folder / f"pictures{i}", SIDE, channels)
        given = (pixels / 255.0 * 2 - 1).transpose(0, 2, 3, 1).astype("float32")
        outputs = network.predict(given, verbose=0)
        one = outputs.shape[1] == 1

        def actual():
            found = lorica.predict(file, folder / f"pictures{i}" / "labels.csv", "--image-size", SIDE)
            if one:
                return found
            shares = [np.exp(f - f.max()) for f in found]
            return [s / s.sum() for s in shares]

        account.same(part, case, list(outputs), actual)
    for i, (case, network, words) in enumerate(refused()):
        file = saved(network, folder / f"refused{i}", 1)
        models.image_folder(folder / f"shown{i}", SIDE, 1)
        account.refused(part, case, lambda: lorica.predict(file, folder / f"shown{i}" / "labels.csv"), *words)
    network = next(networks())[1]
    place = folder / "archive"
    saved(network, place, 1)
    network.save(place / "network.keras")
    account.refused(part, "a .keras archive", lambda: lorica.predict(place / "network.keras", folder / "shown0" / "labels.csv"))
