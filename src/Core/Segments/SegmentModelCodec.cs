using System.Text;
using Auie.Core.Clustering;
using Auie.Core.Features;

namespace Auie.Core.Segments;

/// <summary>
/// A model as bytes, the same on every host and machine: little-endian, texts as UTF-8 behind their length, arrays behind their count, the
/// format's version first. Facts and transforms are written by name and fixed number, never by an enum's order. Format 1 did not say what
/// rows are: there were none of answers. Formats 1 and 2 had no errors of silhouettes.
/// </summary>
public static class SegmentModelCodec
{
    private const byte FormatVersion = 3;

    public static byte[] Encode(SegmentModel model)
    {
        using var stream = new MemoryStream();
        using (var writer = new BinaryWriter(stream, Encoding.UTF8))
        {
            writer.Write(FormatVersion);
            writer.Write(model.Version);
            writer.Write(model.AsOf.UtcTicks);
            writer.Write(model.Seed);
            writer.Write(model.Inertia);
            writer.Write(model.IdsGiven);
            WriteOptional(writer, model.NamesWithheld);
            Write(writer, model.Features);
            ScaleCodec.Write(writer, model.Scale);
            WriteAll(writer, model.Centroids, writer.Write);
            WriteAll(writer, model.Scores, score => Write(writer, score));
            WriteAll(writer, model.Segments, segment => Write(writer, segment));
        }

        return stream.ToArray();
    }

    /// <exception cref="InvalidDataException">The bytes are no model, are damaged, or of a later format.</exception>
    public static SegmentModel Decode(ReadOnlyMemory<byte> bytes)
    {
        using var stream = new MemoryStream(bytes.ToArray(), writable: false);
        using var reader = new BinaryReader(stream, Encoding.UTF8);
        try
        {
            var format = reader.ReadByte();
            if (format is < 1 or > FormatVersion)
                throw new InvalidDataException($"A segment model of format {format} cannot be read; this program reads formats 1 to {FormatVersion}.");
            var model = ReadModel(reader, format);
            if (stream.Position != stream.Length)
                throw new InvalidDataException($"A segment model is followed by {stream.Length - stream.Position} bytes that do not belong to it.");
            return Checked(model);
        }
        catch (Exception exception) when (exception is EndOfStreamException or ArgumentException or FormatException)
        {
            throw new InvalidDataException("The bytes of a segment model are damaged.", exception);
        }
    }

    /// <summary>A feature set alone, by the same format.</summary>
    public static byte[] EncodeFeatures(FeatureSet features)
    {
        using var stream = new MemoryStream();
        using (var writer = new BinaryWriter(stream, Encoding.UTF8))
        {
            writer.Write(FormatVersion);
            Write(writer, features);
        }

        return stream.ToArray();
    }

    /// <exception cref="InvalidDataException">The bytes are no feature set, are damaged, or of a later format.</exception>
    public static FeatureSet DecodeFeatures(ReadOnlyMemory<byte> bytes)
    {
        using var stream = new MemoryStream(bytes.ToArray(), writable: false);
        using var reader = new BinaryReader(stream, Encoding.UTF8);
        try
        {
            var format = reader.ReadByte();
            return format is >= 1 and <= FormatVersion
                ? ReadFeatures(reader, format)
                : throw new InvalidDataException($"A feature set of format {format} cannot be read; this program reads formats 1 to {FormatVersion}.");
        }
        catch (Exception exception) when (exception is EndOfStreamException or ArgumentException or FormatException)
        {
            throw new InvalidDataException("The bytes of a feature set are damaged.", exception);
        }
    }

    private static SegmentModel ReadModel(BinaryReader reader, byte format)
    {
        var version = reader.ReadInt64();
        var asOf = new DateTimeOffset(reader.ReadInt64(), TimeSpan.Zero);
        return new SegmentModel
        {
            Version = version,
            AsOf = asOf,
            Seed = reader.ReadInt64(),
            Inertia = reader.ReadDouble(),
            IdsGiven = reader.ReadInt32(),
            NamesWithheld = ReadOptional(reader),
            Features = ReadFeatures(reader, format),
            Scale = ScaleCodec.Read(reader),
            Centroids = [.. ReadAll(reader, reader.ReadDouble)],
            Scores = [.. ReadAll(reader, () => ReadScore(reader, format))],
            Segments = [.. ReadAll(reader, () => ReadSegment(reader))],
        };
    }

    private static SegmentModel Checked(SegmentModel model)
    {
        var columns = model.Features.Count;
        var scale = model.Scale;
        int[] widths =
        [
            scale.Missing.Length, scale.Fill.Length, scale.Mean.Length, scale.Deviation.Length, scale.Constant.Length, scale.Exponent.Length,
            .. model.Segments.SelectMany(segment => new[] { segment.Profile.Means.Length, segment.Profile.Deviations.Length }),
        ];
        var fits = widths.All(width => width == columns)
            && model.Centroids.Length == columns * model.Segments.Length
            && model.Segments.All(segment => segment.NamedAfter.All(trait => trait.Feature >= 0 && trait.Feature < columns));
        return fits ? model : throw new InvalidDataException("The parts of a segment model do not fit each other.");
    }

    private static void Write(BinaryWriter writer, FeatureSet set)
    {
        writer.Write(set.Name);
        writer.Write(set.Description);
        writer.Write((byte)set.RowsAre);
        WriteAll(writer, set.Features, feature =>
        {
            writer.Write(feature.Name);
            writer.Write((byte)(feature.Source.Fact is null ? 0 : 1));
            writer.Write(feature.Source.Text);
            writer.Write(Number(feature.Transform));
            writer.Write(feature.Missing.Constant is not null);
            if (feature.Missing.Constant is { } constant)
                writer.Write(constant);
            writer.Write(feature.Unit);
            writer.Write(feature.High);
            writer.Write(feature.Low);
        });
    }

    private static FeatureSet ReadFeatures(BinaryReader reader, byte format)
    {
        var (name, description) = (reader.ReadString(), reader.ReadString());
        RowKind? rows = format == 1 ? null : KindOf(reader.ReadByte());
        var features = ReadAll(reader, () => new Feature
        {
            Name = reader.ReadString(),
            Source = ReadSource(reader),
            Transform = TransformOf(reader.ReadByte()),
            Missing = reader.ReadBoolean() ? new MissingRule(reader.ReadDouble()) : MissingRule.Median,
            Unit = reader.ReadString(),
            High = reader.ReadString(),
            Low = reader.ReadString(),
        });
        return new FeatureSet
        {
            Name = name,
            Description = description,
            RowsAre = rows ?? (features.All(feature => feature.Source.Fact is null) ? RowKind.TableRow : RowKind.User),
            Features = [.. features],
        };
    }

    private static RowKind KindOf(byte number) => number <= (byte)RowKind.TableRow
        ? (RowKind)number
        : throw new InvalidDataException($"A segment model has rows of a kind that this program does not know: {number}.");

    private static FeatureSource ReadSource(BinaryReader reader)
    {
        var ofFacts = reader.ReadByte() == 1;
        var text = reader.ReadString();
        if (!ofFacts)
            return FeatureSource.Column(text);
        return FeatureSource.TryParse(text, out var source, out var error)
            ? source!
            : throw new InvalidDataException($"A segment model is made of what this program does not know: {error}.");
    }

    private static byte Number(Transform transform) => transform switch
    {
        Transform.Value => 0,
        Transform.Log1p => 1,
        Transform.YearsSince => 2,
        Transform.DaysSince => 3,
        _ => throw new ArgumentException($"No number is set down for the transform {transform}.", nameof(transform)),
    };

    private static Transform TransformOf(byte number) => number switch
    {
        0 => Transform.Value,
        1 => Transform.Log1p,
        2 => Transform.YearsSince,
        3 => Transform.DaysSince,
        _ => throw new InvalidDataException($"A segment model uses a transform that this program does not know: {number}."),
    };

    private static void Write(BinaryWriter writer, ClusterCountScore score)
    {
        writer.Write(score.K);
        SilhouetteScoreCodec.Write(writer, score.Score);
        writer.Write(score.Inertia);
    }

    private static ClusterCountScore ReadScore(BinaryReader reader, byte format) =>
        new(reader.ReadInt32(), format < 3 ? ReadSilhouette(reader) : SilhouetteScoreCodec.Read(reader), reader.ReadDouble());

    private static SilhouetteScore ReadSilhouette(BinaryReader reader)
    {
        var (value, sampled, rows) = (reader.ReadDouble(), reader.ReadBoolean(), reader.ReadInt64());
        return sampled ? new SilhouetteScore(value, SilhouetteMethod.Subsample, rows, null, null, null) : SilhouetteScore.Exact(value, rows);
    }

    private static void Write(BinaryWriter writer, Segment segment)
    {
        writer.Write(segment.Id);
        writer.Write(segment.Persona);
        writer.Write(segment.Description);
        writer.Write(segment.Resemblance is not null);
        if (segment.Resemblance is { } resemblance)
            writer.Write(resemblance);
        WriteAll(writer, segment.NamedAfter, trait =>
        {
            writer.Write(trait.Feature);
            writer.Write(trait.High);
        });
        writer.Write(segment.Profile.Size);
        WriteAll(writer, segment.Profile.Means, writer.Write);
        WriteAll(writer, segment.Profile.Deviations, writer.Write);
    }

    private static Segment ReadSegment(BinaryReader reader) => new()
    {
        Id = reader.ReadString(),
        Persona = reader.ReadString(),
        Description = reader.ReadString(),
        Resemblance = reader.ReadBoolean() ? reader.ReadDouble() : null,
        NamedAfter = [.. ReadAll(reader, () => new Trait(reader.ReadInt32(), reader.ReadBoolean()))],
        Profile = new ClusterProfile(reader.ReadInt64(), [.. ReadAll(reader, reader.ReadDouble)], [.. ReadAll(reader, reader.ReadDouble)]),
    };

    private static void WriteOptional(BinaryWriter writer, string? text)
    {
        writer.Write(text is not null);
        if (text is not null)
            writer.Write(text);
    }

    private static string? ReadOptional(BinaryReader reader) => reader.ReadBoolean() ? reader.ReadString() : null;

    private static void WriteAll<T>(BinaryWriter writer, IReadOnlyCollection<T> items, Action<T> write)
    {
        writer.Write(items.Count);
        foreach (var item in items)
            write(item);
    }

    private static T[] ReadAll<T>(BinaryReader reader, Func<T> read)
    {
        var count = reader.ReadInt32();
        // Every item takes a byte at least: a damaged count is found here, before memory is asked for.
        if (count < 0 || count > reader.BaseStream.Length - reader.BaseStream.Position)
            throw new InvalidDataException($"A segment model holds an impossible count: {count}.");
        var items = new T[count];
        for (var i = 0; i < count; i++)
            items[i] = read();
        return items;
    }
}
