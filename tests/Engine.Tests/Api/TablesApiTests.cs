using System.Net;
using System.Net.Sockets;
using System.Text;
using Auie.Api;
using Auie.Client.Http;

namespace Auie.Engine.Tests.Api;

public sealed class TablesApiTests : IAsyncLifetime
{
    private ApiServer _server = null!;

    public async Task InitializeAsync() => _server = await ApiServer.Start(new AuieApiOptions { TableBytes = 300_000 });

    public async Task DisposeAsync() => await _server.DisposeAsync();

    [Fact]
    public async Task A_table_holds_the_chosen_columns_in_the_order_asked_for()
    {
        var answer = await Put("t", "id,b,a\nx,1,0.1\ny,NA,-2e3\nz,,5\n", "?columns=a&columns=b&shards=7");
        answer.Status.ShouldBe(HttpStatusCode.Created, answer.Body);
        answer.Response.Headers.Location!.ToString().ShouldBe("/api/tables/t");
        var table = await _server.Client.GetTable("t");
        (table.Rows, table.Shards).ShouldBe((3, 7));
        table.Columns.ShouldBe(["a", "b"]);
        _server.Engine.Tables["t"].Values.ShouldBe([.1, 1, -2000, double.NaN, 5, double.NaN]);
    }

    [Fact]
    public async Task Rows_are_identified_by_the_column_called_id_or_the_one_that_is_named()
    {
        await Put("t", "id,b,a\nx,1,0.1\ny,NA,-2e3\n");
        _server.Engine.Tables["t"].Columns.ShouldBe(["b", "a"]);
        _server.Engine.Tables["t"].Ids.ShouldBe(["x", "y"]);
        await Put("named", "id,b,a\n1,2,3\n", "?id=b");
        _server.Engine.Tables["named"].Columns.ShouldBe(["id", "a"]);
        _server.Engine.Tables["named"].Ids.ShouldBe(["2"]);
        await Put("none", "id,b\n1,2\n", "?id=");
        _server.Engine.Tables["none"].Columns.ShouldBe(["id", "b"]);
        _server.Engine.Tables["none"].Ids.ShouldBeEmpty();
        (await Put("empty", "id,b\n1,2\n,3\n")).ShouldBeProblem(HttpStatusCode.BadRequest, "bad_cells");
        (await Put("unknown", "a,b\n1,2\n", "?id=c")).ShouldBeProblem(HttpStatusCode.BadRequest, "invalid_csv");
    }

    [Fact]
    public async Task Rows_arrive_in_order_however_many_calls_they_take()
    {
        var rows = Enumerable.Range(0, 30_000).ToArray();
        await Put("t", "a,b,c\n" + string.Concat(rows.Select(i => $"{i},1,2\n")));
        _server.Engine.Tables["t"].Values.Where((_, at) => at % 3 == 0).ShouldBe(rows.Select(i => (double)i));
    }

    [Fact]
    public async Task Every_bad_cell_is_told_with_its_line_column_and_value_and_no_table_is_left()
    {
        var answer = await Put("t", "a,b\n1,2\n1,two\n3,Infinity\n4\n5,6\n");
        answer.ShouldBeProblem(HttpStatusCode.BadRequest, "bad_cells");
        var refused = await Should.ThrowAsync<AuieHttpException>(() => PutByClient("t", "a,b\n1,2\n1,two\n3,Infinity\n4\n5,6\n"));
        refused.Problem!.Cells!.Select(cell => (cell.Line, cell.Column, cell.Value)).ShouldBe([(3, "b", "two"), (4, "b", "Infinity"), (5, null, null)]);
        _server.Engine.Tables.ShouldBeEmpty();
    }

    [Theory]
    [InlineData("", "", "invalid_csv")]
    [InlineData("a,a\n1,2\n", "", "invalid_csv")]
    [InlineData("a,\n1,2\n", "", "invalid_csv")]
    [InlineData("a,b\n1,2\n", "?columns=c", "invalid_csv")]
    [InlineData("a,b\n1,2\n", "?columns=a&columns=a", "invalid_csv")]
    [InlineData("a,b\n\"1,2\n", "", "invalid_csv")]
    [InlineData("a,b\n\"1\"x,2\n", "", "invalid_csv")]
    [InlineData("a,b\n", "", "invalid_request")]
    [InlineData("a\n1\n", "?shards=0", "invalid_request")]
    [InlineData("a\n1\n", "?shards=many", "invalid_request")]
    [InlineData("a\n1\n", "?ifExists=perhaps", "invalid_request")]
    public async Task What_is_no_table_is_refused_and_nothing_is_left(string csv, string query, string code)
    {
        (await Put("t", csv, query)).ShouldBeProblem(HttpStatusCode.BadRequest, code);
        _server.Engine.Tables.ShouldBeEmpty();
    }

    [Fact]
    public async Task Limits_of_columns_and_bytes_hold()
    {
        (await Put("t", string.Join(',', Enumerable.Range(0, 101).Select(i => $"c{i}")) + "\n")).ShouldBeProblem(HttpStatusCode.BadRequest, "invalid_request");
        (await Put("t", new string(',', 5_000) + "\n")).ShouldBeProblem(HttpStatusCode.BadRequest, "invalid_csv");
        (await Put("t", "a\n" + string.Concat(Enumerable.Repeat("1234567890\n", 40_000)))).ShouldBeProblem(HttpStatusCode.RequestEntityTooLarge, "too_large");
        _server.Engine.Tables.ShouldBeEmpty();
    }

    [Fact]
    public async Task A_sender_that_breaks_off_leaves_no_table()
    {
        using (var socket = new TcpClient())
        {
            await socket.ConnectAsync(_server.Address.Host, _server.Address.Port);
            var head = $"PUT /api/tables/t HTTP/1.1\r\nHost: {_server.Address.Authority}\r\nContent-Type: text/csv\r\nContent-Length: 200000\r\n\r\n";
            var begin = "a,b,c\n" + string.Concat(Enumerable.Repeat("1,2,3\n", 25_000));
            await socket.GetStream().WriteAsync(Encoding.ASCII.GetBytes(head + begin));
            (await NextCall()).ShouldBe("append");
        }

        (await NextCall()).ShouldBe("drop");
        _server.Engine.Tables.ShouldBeEmpty();

        async Task<string> NextCall() => await _server.Engine.TableCalls.Reader.ReadAsync().AsTask().WaitAsync(TimeSpan.FromSeconds(30));
    }

    [Fact]
    public async Task A_table_is_replaced_only_where_that_is_asked_for()
    {
        await Put("t", "a\n1\n");
        (await Put("t", "b\n2\n")).ShouldBeProblem(HttpStatusCode.Conflict, "table_exists");
        (await _server.Client.GetTable("t")).Columns.ShouldBe(["a"]);
        await PutByClient("t", "b\n2\n", replace: true);
        (await _server.Client.GetTable("t")).Columns.ShouldBe(["b"]);
    }

    [Fact]
    public async Task A_dropped_table_is_gone()
    {
        await Put("t", "a\n1\n");
        await _server.Client.DropTable("t");
        (await _server.Get("/api/tables/t")).ShouldBeProblem(HttpStatusCode.NotFound, "unknown_table");
        (await Should.ThrowAsync<AuieHttpException>(() => _server.Client.DropTable("t"))).Status.ShouldBe(HttpStatusCode.NotFound);
    }

    [Theory]
    [InlineData("-t")]
    [InlineData("t%2Fu")]
    [InlineData("%C3%A4")]
    public async Task A_name_that_no_table_can_have_is_refused(string name) =>
        (await Put(name, "a\n1\n")).ShouldBeProblem(HttpStatusCode.BadRequest, "invalid_request");

    [Fact]
    public async Task Only_csv_is_taken() =>
        (await _server.Send(HttpMethod.Put, "/api/tables/t", "[1]")).ShouldBeProblem(HttpStatusCode.UnsupportedMediaType, "wrong_content_type");

    private Task<Answer> Put(string name, string csv, string query = "") => _server.Send(HttpMethod.Put, $"/api/tables/{name}{query}", csv, "text/csv");

    private async Task PutByClient(string name, string csv, bool replace = false)
    {
        using var content = new StringContent(csv, Encoding.UTF8, "text/csv");
        await _server.Client.PutTable(name, content, replace: replace);
    }
}
