using Auie.Core.Clustering;

namespace Auie.Core.Tests.Clustering;

public sealed class SweepCheckpointCodecTests
{
    // Version 1 as it was first written; it must stay readable for ever.
    private const string Golden =
        "0102000000040000001032547698BADCFE0300000032000000FCA9F1D24D62503F01000A00000005000000010B00000000000000010100"
        + "00000200000000000000010000009A9999999999B93F01000000000000000000084001000000000000000000F03F010000000001000000"
        + "FEFFFFFF010000000300000002000000000000000000E0BF000000000000F43F0200000007000000000000000400000000000000000000"
        + "0000002940090000000100000001000000000000E83F050000000000000001020000000400000003000000000000000000F03F00000000"
        + "000000400000000000000840000000000000F07F010300000002000000000000000000E0BF000000000000F43F02000000070000000000"
        + "000004000000000000000000000000002940090000000100000001";

    private static readonly KMeansFit Fit = new()
    {
        RequestedK = 3, Centroids = [-0.5, 1.25], Sizes = [7, 4], Inertia = 12.5, Iterations = 9, Start = 1, Converged = true,
    };

    internal static SweepCheckpoint Example { get; } = new(
        new SweepOptions
        {
            KMin = 2, KMax = 4, Seed = 0xFEDCBA9876543210, Starts = 3, MaxIterations = 50, Tolerance = 0.001, Raw = true,
            ExactSilhouetteRows = 10, SampleRows = 5,
        },
        new Scale { Rows = 11, Raw = true, Missing = [2], Fill = [0.1], Mean = [3], Deviation = [1], Constant = [false], Exponent = [-2] },
        [new ScoredFit(Fit, 0.75, 5, Sampled: true)],
        new KMeansCheckpoint { Start = 2, Iteration = 4, Centroids = [1, 2, 3], Inertia = double.PositiveInfinity, Best = Fit });

    [Fact]
    public void The_bytes_of_version_1_stay_as_they_are() => Convert.ToHexString(SweepCheckpointCodec.Encode(Example)).ShouldBe(Golden);

    [Fact]
    public void What_is_read_is_what_was_written()
    {
        var read = SweepCheckpointCodec.Decode(Convert.FromHexString(Golden));
        read.Options.ShouldBe(Example.Options);
        read.Scale.SameAs(Example.Scale).ShouldBeTrue();
        read.Finished.ShouldHaveSingleItem().Fit.ShouldBeEquivalentTo(Fit);
        read.Finished[0].ShouldBe(Example.Finished[0] with { Fit = read.Finished[0].Fit });
        read.Current.ShouldBeEquivalentTo(Example.Current);
    }

    [Fact]
    public void Other_versions_are_refused_by_number()
    {
        var bytes = Convert.FromHexString(Golden);
        bytes[0] = 9;
        Should.Throw<InvalidDataException>(() => SweepCheckpointCodec.Decode(bytes)).Message.ShouldContain("version 9");
    }

    [Fact]
    public void Bytes_cut_off_anywhere_or_with_more_behind_are_refused()
    {
        var bytes = Convert.FromHexString(Golden);
        for (var length = 0; length < bytes.Length; length++)
            Should.Throw<InvalidDataException>(() => SweepCheckpointCodec.Decode(bytes[..length]));
        Should.Throw<InvalidDataException>(() => SweepCheckpointCodec.Decode([.. bytes, 0]));
    }
}
