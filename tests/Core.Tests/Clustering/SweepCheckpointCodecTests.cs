using Auie.Core.Clustering;

namespace Auie.Core.Tests.Clustering;

public sealed class SweepCheckpointCodecTests
{
    // The versions as they were first written; they must stay readable for ever.
    private const string Golden1 =
        "0102000000040000001032547698BADCFE0300000032000000FCA9F1D24D62503F01000A00000005000000010B00000000000000010100"
        + "00000200000000000000010000009A9999999999B93F01000000000000000000084001000000000000000000F03F010000000001000000"
        + "FEFFFFFF010000000300000002000000000000000000E0BF000000000000F43F0200000007000000000000000400000000000000000000"
        + "0000002940090000000100000001000000000000E83F050000000000000001020000000400000003000000000000000000F03F00000000"
        + "000000400000000000000840000000000000F07F010300000002000000000000000000E0BF000000000000F43F02000000070000000000"
        + "000004000000000000000000000000002940090000000100000001";

    private const string Golden2 =
        "0202000000040000001032547698BADCFE0300000032000000FCA9F1D24D62503F01000A00000005000000010B000000000000000101"
        + "0000000200000000000000010000009A9999999999B93F01000000000000000000084001000000000000000000F03F01000000000100"
        + "0000FEFFFFFF010000000300000002000000000000000000E0BF000000000000F43F0200000007000000000000000400000000000000"
        + "000000000000294009000000010000000101000000000000000000E83F020000000400000003000000000000000000F03F0000000000"
        + "0000400000000000000840000000000000F07F010300000002000000000000000000E0BF000000000000F43F02000000070000000000"
        + "000004000000000000000000000000002940090000000100000001";

    private const string Golden3 =
        "0302000000040000001032547698BADCFE0300000032000000FCA9F1D24D62503F01000A00000005000000000000000000E83F010B000000"
        + "0000000001010000000200000000000000010000009A9999999999B93F01000000000000000000084001000000000000000000F03F010000"
        + "000001000000FEFFFFFF010000000300000002000000000000000000E0BF000000000000F43F020000000700000000000000040000000000"
        + "0000000000000000294009000000010000000101000000000000000000E83F010500000000000000000000000000E03F000000000000D03F"
        + "000000000000E83F020000000400000003000000000000000000F03F00000000000000400000000000000840000000000000F07F01030000"
        + "0002000000000000000000E0BF000000000000F43F0200000007000000000000000400000000000000000000000000294009000000010000"
        + "0001";

    private static readonly KMeansFit Fit = new()
    {
        RequestedK = 3, Centroids = [-0.5, 1.25], Sizes = [7, 4], Inertia = 12.5, Iterations = 9, Start = 1, Converged = true,
    };

    internal static SweepCheckpoint Example { get; } = new(
        new SweepOptions
        {
            KMin = 2, KMax = 4, Seed = 0xFEDCBA9876543210, Starts = 3, MaxIterations = 50, Tolerance = 0.001, Raw = true,
            ExactSilhouetteRows = 10, SampleRows = 5, SilhouetteConfidence = 0.75,
        },
        new Scale { Rows = 11, Raw = true, Missing = [2], Fill = [0.1], Mean = [3], Deviation = [1], Constant = [false], Exponent = [-2] },
        [Fit],
        new KMeansCheckpoint { Start = 2, Iteration = 4, Centroids = [1, 2, 3], Inertia = double.PositiveInfinity, Best = Fit },
        [new SilhouetteScore(0.75, SilhouetteMethod.SampledRows, 5, 0.5, 0.25, 0.75)]);

    [Fact]
    public void The_bytes_of_version_3_stay_as_they_are() => Convert.ToHexString(SweepCheckpointCodec.Encode(Example)).ShouldBe(Golden3);

    [Theory]
    [InlineData(Golden1, 1)]
    [InlineData(Golden2, 2)]
    [InlineData(Golden3, 3)]
    public void What_is_read_is_what_was_written(string golden, int version)
    {
        var read = SweepCheckpointCodec.Decode(Convert.FromHexString(golden));
        // What these had of samples is estimated anew.
        var (confidence, silhouettes) = version < 3 ? (0.95, []) : (0.75, Example.Silhouettes);
        read.Options.ShouldBe(Example.Options with { SilhouetteConfidence = confidence });
        read.Scale.SameAs(Example.Scale).ShouldBeTrue();
        read.Fits.ShouldHaveSingleItem().ShouldBeEquivalentTo(Fit);
        read.Silhouettes.ShouldBe(silhouettes);
        read.Current.ShouldBeEquivalentTo(Example.Current);
        (read.K, read.SilhouetteRows, read.Phase).ShouldBe((3, 5, SweepPhase.Fitting));
    }

    [Theory]
    [InlineData(Golden1)]
    [InlineData(Golden2)]
    public void Exact_silhouettes_of_earlier_versions_are_kept(string golden)
    {
        // The limit of exact silhouettes, where the options have it, from 10 to 11: as many rows as there are.
        var bytes = Convert.FromHexString(golden);
        bytes[35].ShouldBe((byte)10);
        bytes[35] = 11;
        SweepCheckpointCodec.Decode(bytes).Silhouettes.Select(score => (score.Value, score.Method, score.Error)).ShouldBe([(0.75, SilhouetteMethod.Exact, 0.0)]);
    }

    [Fact]
    public void Other_versions_are_refused_by_number()
    {
        var bytes = Convert.FromHexString(Golden2);
        bytes[0] = 9;
        Should.Throw<InvalidDataException>(() => SweepCheckpointCodec.Decode(bytes)).Message.ShouldContain("version 9");
    }

    [Theory]
    [InlineData(Golden1)]
    [InlineData(Golden2)]
    [InlineData(Golden3)]
    public void Bytes_cut_off_anywhere_or_with_more_behind_are_refused(string golden)
    {
        var bytes = Convert.FromHexString(golden);
        for (var length = 0; length < bytes.Length; length++)
            Should.Throw<InvalidDataException>(() => SweepCheckpointCodec.Decode(bytes[..length]));
        Should.Throw<InvalidDataException>(() => SweepCheckpointCodec.Decode([.. bytes, 0]));
    }
}
