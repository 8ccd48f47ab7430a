package org.lorica.tensor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

class ArenaTest {
  @Test
  void tensorsAndViewsAreHandedOutAgainAfterAReset() {
    Arena arena = new Arena(Precision.FLOAT32).reusingTensors();
    Tensor first = arena.allocate(3, 4);
    Tensor view = first.rows(1, 2);
    Tensor turned = view.t();
    arena.reset();
    Tensor wide = arena.allocate(7, 9);
    Tensor part = wide.view(2, 3, 4, 5);
    assertThat(wide).isSameAs(first);
    assertThat(part).isSameAs(view);
    assertThat(part.t()).isSameAs(turned);
    wide.set(4, 6, 2.5);
    assertThat(part.at(2, 2)).isEqualTo(2.5);
    assertThat(part.t().at(2, 2)).isEqualTo(2.5);
    assertThat(part.t().rows()).isEqualTo(5);
    assertThat(part.t().t()).isSameAs(part);
  }

  @Test
  void whatWasAllocatedBeforeAMarkStaysAsItIs() {
    Arena arena = new Arena(Precision.FLOAT32).reusingTensors();
    Tensor kept = arena.allocate(1, 2);
    kept.write(new float[] {3, 4}, 0);
    Arena.Mark mark = arena.mark();
    Tensor released = arena.allocate(5, 5);
    arena.release(mark);
    assertThat(arena.allocate(2, 2)).isSameAs(released);
    assertThat(kept.toFloats()).containsExactly(3, 4);
  }

  @Test
  void aTensorThatWasGivenBackFailsWhereThatIsWatched() {
    Arena arena = new Arena(Precision.FLOAT32).closingTensors();
    Tensor x = arena.allocate(2, 3);
    Arena.Mark mark = arena.mark();
    Tensor view = x.rows(0, 1);
    Tensor turned = view.t();
    arena.release(mark);
    assertThatThrownBy(() -> view.at(0, 0)).isInstanceOf(RuntimeException.class);
    assertThatThrownBy(() -> turned.at(0, 0)).isInstanceOf(RuntimeException.class);
    assertThatThrownBy(view::address).isInstanceOf(RuntimeException.class);
    assertThat(x.at(0, 0)).isFinite();
    assertThat(arena.allocate(1, 1)).isNotSameAs(view);
  }

  @Test
  void aBorrowedTensorIsTheSameMatrixWithViewsOfTheBorrower() {
    Tensor weight = new Arena(Precision.FLOAT32).allocate(4, 2);
    weight.write(new float[] {1, 2, 3, 4, 5, 6, 7, 8}, 0);
    Arena arena = new Arena(Precision.FLOAT32).reusingTensors();
    Tensor view = arena.borrow(weight).rows(1, 2);
    assertThat(view.toFloats()).containsExactly(3, 4, 5, 6);
    arena.reset();
    assertThat(arena.borrow(weight).rows(3, 1)).isSameAs(view);
    assertThat(weight.rows(0, 1)).isNotSameAs(weight.rows(0, 1));
    assertThat(weight.t()).isSameAs(weight.t());
    assertThat(weight.t().at(1, 3)).isEqualTo(8);
  }
}
