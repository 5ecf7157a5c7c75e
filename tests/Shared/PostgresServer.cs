using System.Diagnostics;
using System.Security.Cryptography;

namespace Auie.Tests.Shared;

/// <summary>
/// A PostgreSQL server of this process's own, in a temporary folder, reached by a socket there. It ends with this process however that
/// ends: whoever looks after it (a shell) hears the end of its input, kills the server and deletes the folder. Where it can, its databases
/// order text as English does, not by its bytes.
/// </summary>
public sealed class PostgresServer : IAsyncDisposable
{
    /// <summary>What has to be there; see <see cref="Missing"/>.</summary>
    public const string Program = "PostgreSQL (initdb and postgres)";

    private const string User = "auie_test";

    /// <summary>Only a failing test waits this long.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(1);

    private static readonly Lazy<Task<PostgresServer>> OfAll = new(() => StartAsync());

    /// <summary>$1: the programs' folder. $2: the folder to work in. $3: a user to run as, where this one may not. $4: whether to sync. It takes orders line by line.</summary>
    private const string Keeper = """
        bin=$1 folder=$2 user=$3 fsync=$4
        as() { if [ -n "$user" ]; then exec setpriv --reuid="$user" --regid="$(id -g "$user")" --clear-groups "$@"; else exec "$@"; fi; }
        ended() { ! grep -qs 'State:.[^Z]' "/proc/$1/status"; }
        [ -z "$user" ] || chown -R "$user" "$folder"
        cd "$folder" || exit 1
        server=
        while read -r order; do
          case $order in
            init)
              make() { (as "$bin/initdb" -D data -U auie_test --pwfile password -A scram-sha-256 -E UTF8 --no-sync --locale C "$@") >init.log 2>&1; }
              make --locale-provider icu --icu-locale en || make
              echo "$?" ;;
            start)
              (as "$bin/postgres" -D data -k "$folder" -c listen_addresses= -c fsync="$fsync" -c max_connections=300) >>server.log 2>&1 &
              server=$! ;;
            kill)
              children=$(cat "/proc/$server/task/$server/children")
              kill -KILL "$server" $children
              wait
              for child in $children; do until ended "$child"; do sleep 0.01; done; done
              server=
              echo killed ;;
          esac
        done
        [ -z "$server" ] || kill -QUIT "$server"
        wait
        cd / && rm -rf "$folder"
        """;

    private readonly Process _keeper;
    private readonly string _folder;

    private PostgresServer(Process keeper, string folder, string password)
    {
        _keeper = keeper;
        _folder = folder;
        Password = password;
    }

    /// <summary>The folder of the server's binaries, or null where there is none.</summary>
    public static string? Binaries { get; } = Candidates().FirstOrDefault(folder => File.Exists(Path.Combine(folder, "initdb")) && File.Exists(Path.Combine(folder, "postgres")));

    /// <summary>Whether a test that needs a server is to be left out: there is no program for it, and nobody said that all must run.</summary>
    public static bool Missing => Binaries is null && Environment.GetEnvironmentVariable("AUIE_REQUIRE_ALL") != "1";

    public string Password { get; }

    /// <summary>How to connect; everybody has the database to themselves who uses a schema of their own.</summary>
    public string ConnectionString => $"Host={_folder};Username={User};Password={Password};Database=postgres";

    /// <summary>How to connect where something else passes it on to the server's socket.</summary>
    public string ConnectionStringAt(System.Net.IPEndPoint address) => $"Host={address.Address};Port={address.Port};Username={User};Password={Password};Database=postgres";

    /// <summary>The socket that it listens on.</summary>
    public string SocketPath => Path.Combine(_folder, ".s.PGSQL.5432");

    /// <summary>The one that all tests of this process share.</summary>
    public static Task<PostgresServer> SharedAsync() => OfAll.Value;

    /// <summary>A name for a schema that nobody else uses.</summary>
    public static string NewSchema() => "t_" + RandomNumberGenerator.GetHexString(16, lowercase: true);

    /// <summary>Makes a server and starts it; ready when this returns.</summary>
    /// <param name="syncs">Whether a commit waits for the disk: nothing that a test kills is the machine.</param>
    public static async Task<PostgresServer> StartAsync(bool syncs = false)
    {
        var binaries = Binaries ?? throw new InvalidOperationException($"{Program} is not installed: neither pg_config, /usr/lib/postgresql nor PATH leads to it.");
        var folder = Directory.CreateTempSubdirectory("auie-postgres-").FullName;
        var password = RandomNumberGenerator.GetHexString(20);
        await File.WriteAllTextAsync(Path.Combine(folder, "password"), password);
        var keeper = Process.Start(new ProcessStartInfo("/bin/sh", ["-c", Keeper, "sh", binaries, folder, Environment.IsPrivilegedProcess ? UnprivilegedUser() : "", syncs ? "on" : "off"])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            UseShellExecute = false,
        })!;
        var server = new PostgresServer(keeper, folder, password);
        await keeper.StandardInput.WriteLineAsync("init");
        if (await keeper.StandardOutput.ReadLineAsync() != "0")
            throw new InvalidOperationException($"initdb failed: {await File.ReadAllTextAsync(Path.Combine(folder, "init.log"))}");
        await server.StartAgainAsync();
        return server;
    }

    /// <summary>Starts the server on what it left; ready when this returns.</summary>
    public async Task StartAgainAsync()
    {
        var waited = Stopwatch.StartNew();
        await _keeper.StandardInput.WriteLineAsync("start");
        while (!Answers())
        {
            if (waited.Elapsed > Patience)
                throw new InvalidOperationException($"The server does not start: {await File.ReadAllTextAsync(Path.Combine(_folder, "server.log"))}");
            await Task.Delay(20);
        }
    }

    /// <summary>SIGKILL for the server and everything that it runs; the folder stays as it is. Gone when this returns.</summary>
    public async Task KillAsync()
    {
        await _keeper.StandardInput.WriteLineAsync("kill");
        await _keeper.StandardOutput.ReadLineAsync().WaitAsync(Patience);
    }

    /// <summary>The last line of postmaster.pid says when it is ready.</summary>
    private bool Answers()
    {
        try
        {
            return File.ReadAllLines(Path.Combine(_folder, "data", "postmaster.pid")) is [var pid, _, _, _, _, _, _, var state, ..] && state.Trim() == "ready" && Directory.Exists($"/proc/{pid.Trim()}");
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }

    private static IEnumerable<string> Candidates()
    {
        var path = (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries);
        if (path.Select(folder => Path.Combine(folder, "pg_config")).FirstOrDefault(File.Exists) is { } config)
        {
            using var asked = Process.Start(new ProcessStartInfo(config, ["--bindir"]) { RedirectStandardOutput = true, UseShellExecute = false })!;
            yield return asked.StandardOutput.ReadToEnd().Trim();
        }

        const string debian = "/usr/lib/postgresql";
        if (Directory.Exists(debian))
        {
            foreach (var version in Directory.GetDirectories(debian).OrderByDescending(folder => int.TryParse(Path.GetFileName(folder), out var number) ? number : 0))
                yield return Path.Combine(version, "bin");
        }

        foreach (var folder in path)
            yield return folder;
    }

    /// <summary>PostgreSQL refuses to run as root.</summary>
    private static string UnprivilegedUser() =>
        File.ReadLines("/etc/passwd").Any(line => line.StartsWith("postgres:", StringComparison.Ordinal)) ? "postgres" : "nobody";

    public async ValueTask DisposeAsync()
    {
        _keeper.StandardInput.Close();
        await _keeper.WaitForExitAsync().WaitAsync(Patience);
        _keeper.Dispose();
    }
}
