namespace Auie.Cli.Output;

/// <summary>What the engine sends, written to a file.</summary>
internal static class Kept
{
    /// <summary>Writes a stream to a file that appears when it is whole; returns its length.</summary>
    public static async Task<long> Write(string path, Stream from, CancellationToken cancellationToken)
    {
        await using var source = from;
        await using var file = DraftFile.Open(path);
        var buffer = new byte[64 * 1024];
        var bytes = 0L;
        while (true)
        {
            int read;
            try
            {
                read = await source.ReadAsync(buffer, cancellationToken);
            }
            catch (Exception exception) when (exception is IOException or HttpRequestException)
            {
                throw new CliException(ExitCodes.TryAgain, "what the engine sent broke off before its end, so it is not kept; try again.", "the engine's log may say why.");
            }

            if (read == 0) break;
            await file.Write(buffer.AsMemory(0, read), cancellationToken);
            bytes += read;
        }

        await file.Keep();
        return bytes;
    }
}
