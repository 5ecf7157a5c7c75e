using System.IO.Compression;
using System.Text;
using Auie.Cli;

namespace Auie.Engine.Tests.Cli.Import;

/// <summary>A folder with five small tables that a test may change, and the command that imports them.</summary>
internal sealed class SomeTables : IDisposable
{
    public const string UsersHeader = "user_id,locale,birthyear,gender,joinedAt,location,timezone";
    public const string TrainHeader = "user,event,invited,timestamp,interested,not_interested";
    public const string AttendeesHeader = "event,yes,maybe,invited,no";
    public const string FriendsHeader = "user,friends";

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("auie-import-");

    public SomeTables()
    {
        Rejects = At("out/rejects.csv");
        Write("users.csv", $"{UsersHeader}\n1,en_US,1990,male,2012-10-02T06:40:55.524Z,Medan  Indonesia,480\n2,id_ID,None,female,,  ,\n");
        Write("train.csv", $"{TrainHeader}\n1,10,1,2012-10-02 15:53:05.754000+00:00,1,0\n1,11,0,2012-10-02 15:53:05.754000+00:00,0,1\n3,10,0,2012-10-03 00:00:00+02:00,0,0\n");
        Write("events.csv", Events("10,77,2012-10-31T00:00:00.001Z,Medan,,,Indonesia,3.5,98.6", "11,78,,,,,,,"));
        Write("event_attendees.csv", $"{AttendeesHeader}\n10,2 99,,1 98,\n12,,97,,1\n");
        Write("user_friends.csv", $"{FriendsHeader}\n1,2 99 98\n4,1\n");
    }

    public string Path => _folder.FullName;

    public string Rejects { get; set; }

    public string At(string name) => System.IO.Path.Combine(Path, name);

    public void Write(string name, string text) => Write(name, Encoding.UTF8.GetBytes(text));

    public void Write(string name, byte[] bytes) => File.WriteAllBytes(At(name), bytes);

    public void Append(string name, string row) => File.AppendAllText(At(name), row + "\n");

    /// <summary>Puts every table's gzipped form in its place.</summary>
    public void Zip()
    {
        foreach (var table in Directory.GetFiles(Path, "*.csv"))
        {
            Write(System.IO.Path.GetFileName(table) + ".gz", Zipped(File.ReadAllBytes(table)));
            File.Delete(table);
        }
    }

    public static byte[] Zipped(byte[] bytes)
    {
        using var zipped = new MemoryStream();
        using (var zip = new GZipStream(zipped, CompressionLevel.Fastest)) zip.Write(bytes);
        return zipped.ToArray();
    }

    /// <summary>A table of events; each row may leave out the counts of words.</summary>
    public static string Events(params string[] rows)
    {
        var words = string.Join(',', Enumerable.Range(1, 100).Select(word => $"c_{word}").Append("c_other"));
        return $"event_id,user_id,start_time,city,state,zip,country,lat,lng,{words}\n" + string.Concat(rows.Select(row => row + new string(',', 101) + "\n"));
    }

    public Task<CliRun> Import(Uri? engine = null, params string[] options) => Import(engine, options, default);

    public async Task<CliRun> Import(Uri? engine, string[] options, CancellationToken cancellationToken)
    {
        using StringWriter error = new() { NewLine = "\n" };
        return await Import(engine, options, error, TimeProvider.System, cancellationToken);
    }

    public async Task<CliRun> Import(Uri? engine, string[] options, TextWriter error, TimeProvider time, CancellationToken cancellationToken = default)
    {
        Directory.CreateDirectory(At("out"));
        using StringWriter output = new() { NewLine = "\n" };
        var environment = new Dictionary<string, string> { ["AUIE_ENDPOINT"] = engine?.ToString() ?? "http://127.0.0.1:9" };
        string[] arguments = ["import", "event-challenge", Path, "--rejects", Rejects, .. options];
        var host = new CliHost(output, error, environment.GetValueOrDefault, Interactive: false, Width: 200) { Time = time };
        var code = await AuieCli.Run(arguments, host, cancellationToken);
        return new CliRun(code, output.ToString(), error.ToString()!);
    }

    /// <summary>The rows of the rejects file, without the header; none where there is no file.</summary>
    public string[] RejectedRows() => File.Exists(Rejects) ? File.ReadAllLines(Rejects)[1..] : [];

    public void Dispose() => _folder.Delete(recursive: true);
}

/// <summary>How a run of the command line ended.</summary>
internal sealed record CliRun(int Code, string Out, string Error)
{
    public CliRun ShouldEndWith(int code)
    {
        Code.ShouldBe(code, Error + Out);
        return this;
    }
}
