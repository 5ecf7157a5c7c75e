using System.IO.Compression;

namespace Auie.Tests.Shared;

/// <summary>The tables of the Event Recommendation Engine Challenge (2013), gzipped CSV, in the folder that <see cref="Variable"/> names.</summary>
internal static class EventChallenge
{
    public const string Variable = "AUIE_EVENT_CHALLENGE";

    public static readonly string[] Columns = ["birthyear", "friends_count", "interested", "not_interested"];

    public static bool IsConfigured => !string.IsNullOrEmpty(Environment.GetEnvironmentVariable(Variable));

    public static string Folder => Environment.GetEnvironmentVariable(Variable) is { Length: > 0 } folder && Directory.Exists(folder)
        ? folder
        : throw new DirectoryNotFoundException($"{Variable} is '{Environment.GetEnvironmentVariable(Variable)}', which is no folder.");

    /// <summary>The <see cref="Columns"/> of every row of train.csv, row by row; NaN where a birth year or a number of friends is not known.</summary>
    public static double[] Rows() => [.. Answers().SelectMany(answer => new[] { answer.BirthYear, answer.Friends, answer.Interested, answer.NotInterested })];

    /// <summary>Every row of train.csv with the user's birth year and number of friends; NaN where one is not known.</summary>
    public static IEnumerable<(string User, string Event, double BirthYear, double Friends, double Interested, double NotInterested)> Answers()
    {
        var births = Lines("users.csv.gz").ToDictionary(f => f[0], f => Year(f[2]));
        var friends = Lines("user_friends.csv.gz").ToDictionary(f => f[0], f => (double)f[1].Count(c => c == ' ') + 1);
        return Lines("train.csv.gz").Select(f => (
            f[0], f[1], births.GetValueOrDefault(f[0], double.NaN), friends.GetValueOrDefault(f[0], double.NaN), double.Parse(f[4]), double.Parse(f[5])));
    }

    private static double Year(string field) => int.TryParse(field, out var year) && year is >= 1900 and <= 2000 ? year : double.NaN;

    private static IEnumerable<string[]> Lines(string file)
    {
        var stream = File.OpenRead(Path.Combine(Folder, file));
        using var reader = new StreamReader(new GZipStream(stream, CompressionMode.Decompress));
        reader.ReadLine();
        while (reader.ReadLine() is { } line)
            yield return line.Split(',');
    }
}
