using System.Text;
using Auie.Core.Jobs;
using Auie.Core.Ranking;
using Auie.Core.Recommendation.Training;

namespace Auie.Core.Tests.Jobs;

/// <summary>What is stored of jobs and tables: golden bytes, so that a store that one version wrote opens with the next.</summary>
public sealed class JobCodecTests
{
    private static readonly PinnedRows Rows = new(2, [1, ulong.MaxValue], [1.5, double.NaN, -2, 0], [0, -1]);

    [Fact]
    public void Pinned_rows_of_version_1_are_these_bytes() => Convert.ToHexString(Rows.Encode()).ShouldBe(
        "010000000200000002000000" + "0100000000000000FFFFFFFFFFFFFFFF" + "000000000000F83F000000000000F8FF00000000000000C00000000000000000" + "00000000FFFFFFFF");

    [Fact]
    public void Pinned_rows_are_read_as_they_were()
    {
        var read = PinnedRows.Decode(Rows.Encode());
        read.Columns.ShouldBe(Rows.Columns);
        read.RowIds.ShouldBe(Rows.RowIds);
        read.Previous.ShouldBe(Rows.Previous);
        read.Values.Select(BitConverter.DoubleToInt64Bits).ShouldBe(Rows.Values.Select(BitConverter.DoubleToInt64Bits));
    }

    [Fact]
    public void The_values_of_some_pinned_rows_are_read_alone()
    {
        var bytes = Rows.Encode();
        Bits(PinnedRows.DecodeValues(bytes, ..)).ShouldBe(Bits(Rows.Values));
        Bits(PinnedRows.DecodeValues(bytes, 1..)).ShouldBe(Bits(Rows.Values[2..]));
        PinnedRows.DecodeValues(bytes, 2..).ShouldBeEmpty();
        Should.Throw<FormatException>(() => PinnedRows.DecodeValues(bytes.AsSpan(1), ..));

        static long[] Bits(double[] values) => Array.ConvertAll(values, BitConverter.DoubleToInt64Bits);
    }

    [Fact]
    public void Damaged_pinned_rows_are_refused_wherever_they_are_cut_or_changed()
    {
        var bytes = Rows.Encode();
        for (var length = 0; length < bytes.Length; length++)
            Should.Throw<FormatException>(() => PinnedRows.Decode(bytes.AsSpan(0, length)));
        for (var at = 0; at < 12; at++)
        {
            var changed = (byte[])bytes.Clone();
            changed[at] ^= 0x81;
            Should.Throw<FormatException>(() => PinnedRows.Decode(changed));
        }
    }

    [Fact]
    public void A_training_of_version_1_is_this_text()
    {
        var at = new DateTimeOffset(2026, 1, 2, 3, 4, 5, TimeSpan.Zero);
        var job = new SegmentationJob
        {
            Id = "j8",
            Number = 8,
            Spec = new SegmentationSpec(null, null, null, 3, 10, 7, null, false, 16) { Kind = JobKind.Training },
            CreatedAt = at,
            State = JobState.Kept,
            Error = "no better",
            Trained = new TrainingOutcome(RankingObjective.LambdaMart, 40, 900, 70_000, at, new RankerJudgement(120, .25, .5, new BootstrapInterval(-.25, -.5, -.125))),
        };

        Encoding.UTF8.GetString(job.Encode()).ShouldBe(
            """{"v":1,"id":"j8","number":8,"spec":{"kMin":3,"kMax":10,"seed":7,"raw":false,"starts":16,"kind":"Training"},"createdAt":"2026-01-02T03:04:05+00:00","state":"Kept","error":"no better","cancelRequested":false,"trained":{"objective":"LambdaMart","trees":40,"occasions":900,"rows":70000,"asOf":"2026-01-02T03:04:05+00:00","judgement":{"users":120,"ndcg":0.25,"baseline":0.5,"overBaseline":{"mean":-0.25,"low":-0.5,"high":-0.125}}}}""");
        SegmentationJob.Decode(job.Encode()).ShouldBeEquivalentTo(job);
        job.Done.ShouldBeTrue();
    }

    [Fact]
    public void A_job_of_version_1_is_this_text()
    {
        var job = new SegmentationJob
        {
            Id = "j7",
            Number = 7,
            Spec = new SegmentationSpec("interest", null, null, 3, 8, 1, null, false, 16),
            CreatedAt = new DateTimeOffset(2026, 1, 2, 3, 4, 5, TimeSpan.Zero),
            State = JobState.Running,
            Pinned = new PinnedInput(new DateTimeOffset(2012, 12, 31, 0, 0, 0, TimeSpan.Zero), 100, 16, [1, 2], 300, 50_000) { Previous = 2 },
        };

        Encoding.UTF8.GetString(job.Encode()).ShouldBe(
            """{"v":1,"id":"j7","number":7,"spec":{"features":"interest","kMin":3,"kMax":8,"seed":1,"raw":false,"starts":16},"createdAt":"2026-01-02T03:04:05+00:00","state":"Running","cancelRequested":false,"pinned":{"asOf":"2012-12-31T00:00:00+00:00","rows":100,"shards":16,"features":"AQI=","maxIterations":300,"exactSilhouetteRows":50000,"tableGeneration":0,"columns":[],"tableColumns":0,"previous":2}}""");
        SegmentationJob.Decode(job.Encode()).ShouldBeEquivalentTo(job);
        var numbered = job with { Pinned = job.Pinned! with { Version = 5 } };
        Encoding.UTF8.GetString(numbered.Encode()).ShouldContain("\"previous\":2,\"version\":5}");
        SegmentationJob.Decode(numbered.Encode()).ShouldBeEquivalentTo(numbered);
    }

    [Fact]
    public void A_table_of_version_1_is_this_text()
    {
        var table = new TableRecord("t", 3, ["a", "b"], 4, 100, TableState.Complete);

        Encoding.UTF8.GetString(table.Encode()).ShouldBe("""{"name":"t","generation":3,"columns":["a","b"],"shards":4,"rows":100,"state":"Complete","v":1}""");
        TableRecord.Decode(table.Encode()).ShouldBeEquivalentTo(table);
    }

    [Theory]
    [InlineData("")]
    [InlineData("nonsense")]
    [InlineData("{}")]
    [InlineData("null")]
    [InlineData("""{"v":2,"id":"j1","number":1,"spec":{"kMin":3,"kMax":3,"seed":1,"raw":false,"starts":1},"createdAt":"2026-01-02T03:04:05+00:00"}""")]
    public void What_is_no_job_of_a_known_version_is_refused(string text) =>
        Should.Throw<FormatException>(() => SegmentationJob.Decode(Encoding.UTF8.GetBytes(text)));
}
