namespace Auie.Core.Clustering;

/// <summary><see cref="SilhouetteScore"/> as bytes, within whatever stores it and says the version: the fields in order, NaN for what is not known.</summary>
internal static class SilhouetteScoreCodec
{
    public static void Write(BinaryWriter writer, SilhouetteScore score)
    {
        writer.Write(score.Value);
        writer.Write((byte)score.Method);
        writer.Write(score.Rows);
        writer.Write(score.Error ?? double.NaN);
        writer.Write(score.PracticalError ?? double.NaN);
        writer.Write(score.Confidence ?? double.NaN);
    }

    /// <exception cref="InvalidDataException">It was found by a method that this program does not know.</exception>
    public static SilhouetteScore Read(BinaryReader reader)
    {
        var value = reader.ReadDouble();
        var method = reader.ReadByte();
        if (method > (byte)SilhouetteMethod.Subsample)
            throw new InvalidDataException($"A silhouette was found by a method that this program does not know: {method}.");
        return new SilhouetteScore(value, (SilhouetteMethod)method, reader.ReadInt64(), Known(reader.ReadDouble()), Known(reader.ReadDouble()), Known(reader.ReadDouble()));

        static double? Known(double number) => double.IsNaN(number) ? null : number;
    }
}
