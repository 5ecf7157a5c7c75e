using Auie.Core.Clustering;
using FsCheck;
using FsCheck.Fluent;

namespace Auie.Core.Tests.Clustering;

public sealed class LabelledSumsTests
{
    [Fact]
    public void Sums_follow_the_labels_however_many_rows_move() =>
        Prop.ForAll(Arb.From(
            from columns in Gen.Choose(1, 19)
            from rows in Gen.Choose(1, 200)
            from clusters in Gen.Choose(1, 255)
            from seed in Gen.Choose(0, int.MaxValue)
            select (columns, rows, clusters, seed)), t =>
        {
            var random = new Random(t.seed);
            float[] values = [.. Enumerable.Range(0, t.rows * t.columns).Select(_ => (float)random.Next(-1000, 1000))];
            var tiles = Tiles.FromRows(values, t.columns);
            var sums = new LabelledSums(t.rows, t.clusters, t.columns);
            var labels = new byte[tiles.Length / t.columns];
            foreach (var moving in new[] { 1, 0, 0.02, 0.1, 0.5 })
            {
                for (var r = 0; r < labels.Length; r++)
                    labels[r] = random.NextDouble() < moving ? (byte)random.Next(t.clusters) : labels[r];
                for (var tile = 0; tile < Tiles.Count(t.rows); tile++)
                    sums.Relabel(tile, tiles.AsSpan(tile * 64 * t.columns, 64 * t.columns), labels.AsSpan(tile * 64, 64));
                sums.Labels.ToArray().ShouldBe(labels[..t.rows]);
                var step = sums.ToStep();
                for (var k = 0; k < t.clusters; k++)
                {
                    var own = Enumerable.Range(0, t.rows).Where(r => labels[r] == k).ToArray();
                    step.Counts[k].ShouldBe(own.Length);
                    for (var c = 0; c < t.columns; c++)
                        step.Sums[(k * t.columns) + c].ShouldBe(own.Sum(r => (double)values[(r * t.columns) + c]));
                }
            }
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(60).WithReplay(20130101UL, 77UL));

    [Fact]
    public void Tiles_are_freed_when_nobody_is_at_work_in_them_any_more()
    {
        var memory = new TileMemory(100, 3);
        var lease = memory.Use();
        lease.Values.Length.ShouldBe(2 * 64 * 3);
        lease.Values.IndexOfAnyExcept(0f).ShouldBe(-1);
        memory.Dispose();
        memory.IsClosed.ShouldBeFalse();
        lease.Values.Fill(1);
        lease.Dispose();
        memory.IsClosed.ShouldBeTrue();
        Should.Throw<ObjectDisposedException>(() => memory.Use().Dispose());

        using var none = new TileMemory(0, 3);
        using var empty = none.Use();
        empty.Values.Length.ShouldBe(0);
    }
}
