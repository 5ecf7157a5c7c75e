using System.Text;

namespace Auie.Core.Clustering;

/// <summary>
/// <see cref="SweepCheckpoint"/> as bytes: a version, then the fields in order, little-endian, arrays after their 32-bit length. A version
/// once written stays readable.
/// </summary>
public static class SweepCheckpointCodec
{
    private const byte Version = 3;

    /// <summary>The checkpoint's bytes.</summary>
    public static byte[] Encode(SweepCheckpoint checkpoint)
    {
        ArgumentNullException.ThrowIfNull(checkpoint);
        using var stream = new MemoryStream();
        using var writer = new BinaryWriter(stream, Encoding.UTF8);
        writer.Write(Version);
        Write(writer, checkpoint.Options);
        ScaleCodec.Write(writer, checkpoint.Scale);
        writer.Write(checkpoint.Fits.Length);
        foreach (var fit in checkpoint.Fits)
            Write(writer, fit);
        writer.Write(checkpoint.Silhouettes.Length);
        foreach (var silhouette in checkpoint.Silhouettes)
            SilhouetteScoreCodec.Write(writer, silhouette);
        var current = checkpoint.Current;
        writer.Write(current.Start);
        writer.Write(current.Iteration);
        writer.WriteDoubles(current.Centroids);
        writer.Write(current.Inertia);
        writer.Write(current.Best is not null);
        if (current.Best is not null)
            Write(writer, current.Best);
        return stream.ToArray();
    }

    /// <summary>The checkpoint of some bytes.</summary>
    /// <exception cref="InvalidDataException">The bytes are of an unknown version, or not a checkpoint's.</exception>
    public static SweepCheckpoint Decode(byte[] bytes)
    {
        ArgumentNullException.ThrowIfNull(bytes);
        using var reader = new BinaryReader(new MemoryStream(bytes), Encoding.UTF8);
        try
        {
            var version = reader.ReadByte();
            if (version is < 1 or > Version)
                throw new InvalidDataException($"A sweep's checkpoint of version {version} cannot be read; this is version {Version}.");
            var options = ReadOptions(reader, version);
            var scale = ScaleCodec.Read(reader);
            var (fits, silhouettes) = version switch
            {
                1 => ReadScored(reader),
                2 => (reader.ReadArray(1, ReadFit), reader.ReadArray(8, of => SilhouetteScore.Exact(of.ReadDouble(), scale.Rows))),
                _ => (reader.ReadArray(1, ReadFit), reader.ReadArray(1, SilhouetteScoreCodec.Read)),
            };
            var current = new KMeansCheckpoint
            {
                Start = reader.ReadInt32(),
                Iteration = reader.ReadInt32(),
                Centroids = reader.ReadDoubles(),
                Inertia = reader.ReadDouble(),
                Best = reader.ReadBoolean() ? ReadFit(reader) : null,
            };
            if (reader.BaseStream.Position != bytes.Length)
                throw new InvalidDataException($"A sweep's checkpoint ends at byte {reader.BaseStream.Position} of {bytes.Length}.");
            var read = new SweepCheckpoint(options, scale, fits, current, silhouettes);
            // Before version 3 a sample's silhouette was one of another kind: it is estimated anew.
            return version < 3 && !read.IsExact ? read with { Silhouettes = [] } : read;
        }
        catch (EndOfStreamException e)
        {
            throw new InvalidDataException($"A sweep's checkpoint is cut off at byte {bytes.Length}.", e);
        }
    }

    private static void Write(BinaryWriter writer, SweepOptions options)
    {
        writer.Write(options.KMin);
        writer.Write(options.KMax);
        writer.Write(options.Seed);
        writer.Write(options.Starts);
        writer.Write(options.MaxIterations);
        writer.Write(options.Tolerance);
        writer.Write(options.Raw);
        writer.Write(options.AllowEmptyColumns);
        writer.Write(options.ExactSilhouetteRows);
        writer.Write(options.SampleRows);
        writer.Write(options.SilhouetteConfidence);
    }

    private static SweepOptions ReadOptions(BinaryReader reader, byte version) => new()
    {
        KMin = reader.ReadInt32(),
        KMax = reader.ReadInt32(),
        Seed = reader.ReadUInt64(),
        Starts = reader.ReadInt32(),
        MaxIterations = reader.ReadInt32(),
        Tolerance = reader.ReadDouble(),
        Raw = reader.ReadBoolean(),
        AllowEmptyColumns = reader.ReadBoolean(),
        ExactSilhouetteRows = reader.ReadInt32(),
        SampleRows = reader.ReadInt32(),
        SilhouetteConfidence = version < 3 ? new SweepOptions().SilhouetteConfidence : reader.ReadDouble(),
    };

    /// <summary>Version 1 scored each fit as soon as it was found, and wrote down over how many rows and whether these were a sample.</summary>
    private static (KMeansFit[] Fits, SilhouetteScore[] Silhouettes) ReadScored(BinaryReader reader)
    {
        var fits = new KMeansFit[reader.ReadLength(1)];
        var silhouettes = new SilhouetteScore[fits.Length];
        for (var i = 0; i < fits.Length; i++)
        {
            (fits[i], silhouettes[i]) = (ReadFit(reader), SilhouetteScore.Exact(reader.ReadDouble(), reader.ReadInt64()));
            reader.ReadBoolean();
        }

        return (fits, silhouettes);
    }

    private static void Write(BinaryWriter writer, KMeansFit fit)
    {
        writer.Write(fit.RequestedK);
        writer.WriteDoubles(fit.Centroids);
        writer.WriteLongs(fit.Sizes);
        writer.Write(fit.Inertia);
        writer.Write(fit.Iterations);
        writer.Write(fit.Start);
        writer.Write(fit.Converged);
    }

    private static KMeansFit ReadFit(BinaryReader reader) => new()
    {
        RequestedK = reader.ReadInt32(),
        Centroids = reader.ReadDoubles(),
        Sizes = reader.ReadLongs(),
        Inertia = reader.ReadDouble(),
        Iterations = reader.ReadInt32(),
        Start = reader.ReadInt32(),
        Converged = reader.ReadBoolean(),
    };
}

/// <summary><see cref="Scale"/> as bytes, within whatever stores it: a version, then the fields in order.</summary>
public static class ScaleCodec
{
    private const byte Version = 1;

    /// <summary>Writes a scale.</summary>
    public static void Write(BinaryWriter writer, Scale scale)
    {
        ArgumentNullException.ThrowIfNull(writer);
        ArgumentNullException.ThrowIfNull(scale);
        writer.Write(Version);
        writer.Write(scale.Rows);
        writer.Write(scale.Raw);
        writer.WriteLongs(scale.Missing);
        writer.WriteDoubles(scale.Fill);
        writer.WriteDoubles(scale.Mean);
        writer.WriteDoubles(scale.Deviation);
        writer.Write(scale.Constant.Length);
        foreach (var constant in scale.Constant)
            writer.Write(constant);
        writer.Write(scale.Exponent.Length);
        foreach (var exponent in scale.Exponent)
            writer.Write(exponent);
    }

    /// <summary>Reads one.</summary>
    /// <exception cref="InvalidDataException">It is of an unknown version, or its columns do not agree.</exception>
    public static Scale Read(BinaryReader reader)
    {
        ArgumentNullException.ThrowIfNull(reader);
        var version = reader.ReadByte();
        if (version != Version)
            throw new InvalidDataException($"A scale of version {version} cannot be read; this is version {Version}.");
        var scale = new Scale
        {
            Rows = reader.ReadInt64(),
            Raw = reader.ReadBoolean(),
            Missing = reader.ReadLongs(),
            Fill = reader.ReadDoubles(),
            Mean = reader.ReadDoubles(),
            Deviation = reader.ReadDoubles(),
            Constant = reader.ReadArray(1, r => r.ReadBoolean()),
            Exponent = reader.ReadArray(4, r => r.ReadInt32()),
        };
        int[] widths = [scale.Missing.Length, scale.Fill.Length, scale.Deviation.Length, scale.Constant.Length, scale.Exponent.Length];
        if (widths.Any(w => w != scale.Columns))
            throw new InvalidDataException(
                $"A scale's fields have {string.Join(", ", widths)} columns where its means have {scale.Columns}.");
        return scale;
    }
}

internal static class ArrayCodec
{
    public static void WriteDoubles(this BinaryWriter writer, double[] values)
    {
        writer.Write(values.Length);
        foreach (var value in values)
            writer.Write(value);
    }

    public static void WriteLongs(this BinaryWriter writer, long[] values)
    {
        writer.Write(values.Length);
        foreach (var value in values)
            writer.Write(value);
    }

    public static double[] ReadDoubles(this BinaryReader reader) => reader.ReadArray(8, r => r.ReadDouble());

    public static long[] ReadLongs(this BinaryReader reader) => reader.ReadArray(8, r => r.ReadInt64());

    public static T[] ReadArray<T>(this BinaryReader reader, int bytes, Func<BinaryReader, T> read)
    {
        var values = new T[reader.ReadLength(bytes)];
        for (var i = 0; i < values.Length; i++)
            values[i] = read(reader);
        return values;
    }

    /// <summary>A length that the bytes left can hold, so that garbage cannot ask for memory.</summary>
    public static int ReadLength(this BinaryReader reader, int bytesEach)
    {
        var length = reader.ReadInt32();
        if (length < 0 || length > (reader.BaseStream.Length - reader.BaseStream.Position) / bytesEach)
            throw new InvalidDataException($"A length of {length} does not fit into the bytes left.");
        return length;
    }
}
