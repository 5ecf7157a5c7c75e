using Auie.Abstractions;
using Auie.Core.Clustering;
using Auie.Core.Segments;

namespace Auie.Grains;

/// <summary>Core's partial results as messages and back; member by member.</summary>
internal static class ShardMessages
{
    public static ColumnExtremesPart ToMessage(this ColumnExtremes part) => new(part.Rows, part.Present, part.Min, part.Max);

    public static ColumnExtremes ToCore(this ColumnExtremesPart part) => new(part.Rows, part.Present, part.Min, part.Max);

    public static ExactSumsPart ToMessage(this ExactSums part) => new(part.High, part.Low);

    public static ExactSums ToCore(this ExactSumsPart part) => new(part.High, part.Low);

    public static DigitCountsPart ToMessage(this DigitCounts part) => new(part.Starts, part.Digits, part.Counts);

    public static DigitCounts ToCore(this DigitCountsPart part) => new(part.Starts, part.Digits, part.Counts);

    public static RowsPart ToMessage(this RowSet part) => new(part.RowIds, part.Values, part.Scores);

    public static RowSet ToCore(this RowsPart part) => new(part.RowIds, part.Values, part.Scores);

    public static SeedDrawMessage ToMessage(this SeedDraw draw) => new(draw.Seed, draw.Round, draw.Oversampling, draw.Cost);

    public static SeedDraw ToCore(this SeedDrawMessage draw) => new(draw.Seed, draw.Round, draw.Oversampling, draw.Cost);

    public static StepPart ToMessage(this StepSums part) => new(part.Counts, part.Sums);

    public static StepSums ToCore(this StepPart part) => new(part.Counts, part.Sums);

    public static ClusterSumsPart ToMessage(this ClusterSums part) => new(part.Sizes, part.Sums.ToMessage());

    public static ClusterSums ToCore(this ClusterSumsPart part) => new(part.Sizes, part.Sums.ToCore());

    public static LiveSegmentsPart ToMessage(this LiveSums part, DateTimeOffset asOf) =>
        new(asOf, [.. part.Sizes], part.Without, [.. part.Moving], part.Sums.ToMessage());

    public static LiveSums ToCore(this LiveSegmentsPart part, SegmentModel model) => new(model, part.Without, part.Sizes, part.Moving, part.Sums.ToCore());

    public static SegmentDistancesPart ToMessage(this SegmentDistances part) => new(part.Members, part.Compared, part.Sums, part.Squares);

    public static SegmentDistances ToCore(this SegmentDistancesPart part) => new(part.Members, part.Compared, part.Sums, part.Squares);

    public static ScaleMessage ToMessage(this Scale scale) => new()
    {
        Rows = scale.Rows,
        Raw = scale.Raw,
        Missing = scale.Missing,
        Fill = scale.Fill,
        Mean = scale.Mean,
        Deviation = scale.Deviation,
        Constant = scale.Constant,
        Exponent = scale.Exponent,
    };

    public static Scale ToCore(this ScaleMessage scale) => new()
    {
        Rows = scale.Rows,
        Raw = scale.Raw,
        Missing = scale.Missing,
        Fill = scale.Fill,
        Mean = scale.Mean,
        Deviation = scale.Deviation,
        Constant = scale.Constant,
        Exponent = scale.Exponent,
    };
}
