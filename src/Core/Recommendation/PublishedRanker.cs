using System.Buffers.Binary;
using Auie.Core.Codecs;
using Auie.Core.Ranking;
using Auie.Core.Recommendation.Training;

namespace Auie.Core.Recommendation;

/// <summary>A ranker that was trained here, under its version: as it is stored and served.</summary>
/// <param name="TrainedAt">When it was.</param>
/// <param name="AsOf">Up to when it knows of anything.</param>
/// <param name="Occasions">How many occasions it was learnt from and judged on.</param>
/// <param name="Rows">How many rows these had.</param>
public sealed record PublishedRanker(long Version, DateTimeOffset TrainedAt, DateTimeOffset AsOf, int Occasions, int Rows, LearntRanker Learnt)
{
    /// <summary>The name that answers give it.</summary>
    public string Name => $"ranker-{Version}";

    /// <summary>What ranks by it; may be used by many threads.</summary>
    public IRanker Ranker => Learnt.Blend;
}

/// <summary>
/// The bytes of a <see cref="PublishedRanker"/>. Version 2: the version; the ranker's number; when it was trained and its as-of in ticks of UTC; the counts of occasions and rows; the
/// objective (0 logistic, 1 LambdaMART); the count of users that judged it, its NDCG, the baseline's, the difference with its interval; whether one was published (1), and then its
/// NDCG and the difference; the blend (<see cref="ForestCodec"/>). Numbers with a point are of 64 bits, little-endian. Version 1 was of one forest over fewer columns: it is refused, and training anew makes
/// another.
/// </summary>
public static class PublishedRankerCodec
{
    private const byte Version = 2;
    private const string What = "A published ranker";

    public static byte[] Encode(PublishedRanker ranker)
    {
        var writer = new ByteWriter(1 << 16);
        writer.Byte(Version);
        writer.Varint((ulong)ranker.Version);
        writer.Varint((ulong)ranker.TrainedAt.UtcTicks);
        writer.Varint((ulong)ranker.AsOf.UtcTicks);
        writer.Varint((ulong)ranker.Occasions);
        writer.Varint((ulong)ranker.Rows);
        writer.Byte(ranker.Learnt.Objective switch { RankingObjective.Logistic => 0, RankingObjective.LambdaMart => 1, _ => throw new ArgumentException("No number is set down for this objective.", nameof(ranker)) });
        var judgement = ranker.Learnt.Judgement;
        writer.Varint((ulong)judgement.Users);
        Write(writer, judgement.Ndcg);
        Write(writer, judgement.Baseline);
        Write(writer, judgement.OverBaseline);
        writer.Byte(judgement.Published is null ? (byte)0 : (byte)1);
        if (judgement is { Published: { } published, OverPublished: { } over })
        {
            Write(writer, published);
            Write(writer, over);
        }

        writer.Bytes(ForestCodec.Encode(ranker.Learnt.Blend));
        return writer.ToArray();
    }

    /// <exception cref="CodecException">The bytes are no ranker, are damaged, of a later version, or over columns that this program does not have.</exception>
    public static PublishedRanker Decode(ReadOnlySpan<byte> bytes)
    {
        var reader = new ByteReader(bytes, What);
        if (reader.Byte() is not Version and var version)
            throw reader.Fail($"it has version {version}, this program knows version {Version}; train anew ('auie train')");
        var number = reader.NonNegative();
        var (trainedAt, asOf) = (ReadInstant(ref reader), ReadInstant(ref reader));
        var (occasions, rows) = (reader.Bounded(int.MaxValue), reader.Bounded(int.MaxValue));
        var objective = reader.Bounded(1) == 0 ? RankingObjective.Logistic : RankingObjective.LambdaMart;
        var users = reader.Bounded(int.MaxValue);
        var judgement = new RankerJudgement(users, ReadNumber(ref reader), ReadNumber(ref reader), ReadInterval(ref reader));
        if (reader.Bounded(1) == 1)
            judgement = judgement with { Published = ReadNumber(ref reader), OverPublished = ReadInterval(ref reader) };
        var blend = ForestCodec.Decode(reader.Bytes(reader.Remaining));
        if (!blend.Columns.SequenceEqual(RecommendationFeatures.Columns))
            throw reader.Fail("it is over other columns than recommendations have; train anew ('auie train')");
        return new PublishedRanker(number, trainedAt, asOf, occasions, rows, new LearntRanker(blend, objective, judgement));
    }

    private static DateTimeOffset ReadInstant(ref ByteReader reader) =>
        reader.NonNegative() is var ticks && ticks <= DateTimeOffset.MaxValue.UtcTicks ? new DateTimeOffset(ticks, TimeSpan.Zero) : throw reader.Fail("an instant is out of range");

    private static void Write(ByteWriter writer, BootstrapInterval interval)
    {
        Write(writer, interval.Mean);
        Write(writer, interval.Low);
        Write(writer, interval.High);
    }

    private static BootstrapInterval ReadInterval(ref ByteReader reader) => new(ReadNumber(ref reader), ReadNumber(ref reader), ReadNumber(ref reader));

    private static void Write(ByteWriter writer, double value)
    {
        Span<byte> bytes = stackalloc byte[sizeof(double)];
        BinaryPrimitives.WriteDoubleLittleEndian(bytes, value);
        writer.Bytes(bytes);
    }

    private static double ReadNumber(ref ByteReader reader) => BinaryPrimitives.ReadDoubleLittleEndian(reader.Bytes(sizeof(double)));
}
