# Runs the examples of every page as a reader would, and compares what they print where the page shows it. What an example may rely on:
#   $node      the node that is meant where -Node is left out; $other is another, connected to it
#   $address   an address of $other, and $peer its id, both as text
#   $cid       a block that $other has and $node has not: the text 'hello, network'; $cids are twenty more; $missing nobody has; $root links to two of
#              them, and $site is the folder site as UnixFS
#   $router    the address of a router that names $other as a provider of $cid and $site, and that has a record of the IPNS name $ipns, which leads to $site;
#              docs.example is a domain that leads to that name
#   the current folder, with report.txt, logs/*.log and the folder site, and $env:IPFS_PATH with a folder blocks
BeforeDiscovery {
    . "$PSScriptRoot/HelpPages.ps1"
    $examples = @(Get-HelpPage | ForEach-Object Examples)
}

BeforeAll {
    . "$PSScriptRoot/Common.ps1"
    . "$PSScriptRoot/Router.ps1"
    $testRouter = [BitswapTestRouter]::new()
    $testDns = [BitswapTestDns]::new()
    $shell = New-ModuleRunspace
    $ipfsPath = $env:IPFS_PATH

    $prepare = {
        param($folder, $testRouter, $testDns, $helpers, $loopback)
        . $helpers
        Set-Location -LiteralPath $folder
        $null = New-Item -ItemType Directory ./logs, ./site/img, ./ipfs/blocks
        Set-Content ./report.txt 'All is well.'
        Set-Content ./logs/monday.log 'started'
        Set-Content ./logs/tuesday.log 'stopped'
        Set-Content ./site/index.html '<h1>Hello</h1>'
        Set-Content ./site/img/logo.svg '<svg xmlns="http://www.w3.org/2000/svg"/>'
        $env:IPFS_PATH = Join-Path $folder 'ipfs'
        $node = Start-BitswapNode -Name here -Option @{ DnsServer = $testDns.Address; DiscoverOn = $loopback }
        $other = Start-BitswapNode -Name there
        $null = Connect-BitswapPeer $other -Node $node
        $address = "$($other.Addresses[0])"
        $peer = "$($other.PeerId)"
        $cid = "$(('hello, network' | Add-BitswapBlock -Node $other).Cid)"
        $cids = 1..20 | ForEach-Object { "block $_" } | Add-BitswapBlock -Node $other | ForEach-Object { "$($_.Cid)" }
        $link = { param($cid) '{"/":"' + $cid + '"}' }
        $root = "$(('{"a":' + (& $link $cids[0]) + ',"b":' + (& $link $cids[1]) + '}' | Add-BitswapBlock -Codec dag-json -Node $other).Cid)"
        # the folder site as UnixFS blocks (dag-pb, names and sizes below 128)
        $field = { param([int] $number, [byte[]] $bytes) [byte[]] (@((($number -shl 3) -bor 2), $bytes.Count) + $bytes) }
        $directory = {
            param($entries)
            $links = foreach ($entry in $entries) {
                & $field 2 ((& $field 1 ([Bitswap.Cid] $entry.Block.Cid).ToByteArray()) + (& $field 2 ([Text.Encoding]::UTF8.GetBytes($entry.Name))) + [byte[]] (24, $entry.Block.Size))
            }
            Add-BitswapBlock ([byte[]] (@($links) + (& $field 1 ([byte[]] (8, 1))))) -Codec dag-pb -Node $other
        }
        $images = & $directory @{ Name = 'logo.svg'; Block = Add-BitswapBlock -Path ./site/img/logo.svg -Node $other }
        $site = "$((& $directory @{ Name = 'img'; Block = $images }, @{ Name = 'index.html'; Block = Add-BitswapBlock -Path ./site/index.html -Node $other }).Cid)"
        $missing = "$((Get-BitswapCid "unknown $([guid]::NewGuid())").Cid)"
        $router = "$($testRouter.Uri)".TrimEnd('/')
        $cid, $site | ForEach-Object { Set-Provider $testRouter $_ $other }
        $ipns = New-NameRecord $testRouter "/ipfs/$site"
        $publisher = Start-BitswapNode -Name publisher -Router $router
        $testDns.Texts['_dnslink.docs.example'] = "dnslink=/ipns/$ipns"
        # a default goes before the pipeline, by which nodes come to these
        $PSDefaultParameterValues = @{}
        Get-Command -Module Bitswap | Where-Object { $_.Name -notin 'Set-BitswapNode', 'Stop-BitswapNode', 'Wait-BitswapNode', 'Show-BitswapNode', 'Stop-BitswapTrace' -and $_.Parameters.ContainsKey('Node') } |
            ForEach-Object { $PSDefaultParameterValues["$($_.Name):Node"] = $node }
        foreach ($name in 'node', 'other', 'address', 'peer', 'cid', 'cids', 'root', 'site', 'missing', 'router', 'ipns', 'PSDefaultParameterValues') {
            Set-Variable -Scope Global -Name $name -Value (Get-Variable -ValueOnly $name)
        }
    }

    function Invoke-Step {
        param([string] $Script, [object[]] $Arguments)

        $shell.Commands.Clear()
        $shell.Streams.ClearStreams()
        $null = $shell.AddScript($Script)
        foreach ($argument in $Arguments) {
            $null = $shell.AddArgument($argument)
        }

        $shell.Invoke()
        if ($shell.Streams.Error.Count -gt 0) {
            throw $shell.Streams.Error[0]
        }
    }
}

AfterAll {
    ${testRouter}?.Dispose()
    ${testDns}?.Dispose()
    ${shell}?.Runspace.Dispose()
    ${shell}?.Dispose()
    $env:IPFS_PATH = $ipfsPath
    Clear-Nodes
}

Describe 'The examples of' {
    BeforeEach {
        $folder = New-TemporaryFolder
        Invoke-Step $prepare $folder, $testRouter, $testDns, "$PSScriptRoot/Router.ps1", (Get-Loopback)
    }

    AfterEach {
        Invoke-Step {
            param($folder)
            $global:PSDefaultParameterValues = @{}
            Get-BitswapNode | Stop-BitswapNode -Force
            Get-Job | Remove-Job -Force
            Set-Location -LiteralPath ([IO.Path]::GetTempPath())
            Remove-Item -LiteralPath $folder -Recurse -Force
        } $folder
    }

    It '<_.Page>: <_.Title>' -ForEach $examples {
        $code = $_.Code
        $expected = $_.Output
        $code | Should -Not -BeNullOrEmpty
        if ($code -match '-Public\b') {
            # no test asks the public network: the example is read, and not run
            $commands = [Management.Automation.Language.Parser]::ParseInput($code, [ref] $null, [ref] $null).FindAll({ $args[0] -is [Management.Automation.Language.CommandAst] }, $true)
            foreach ($command in $commands) {
                $known = (Get-Command $command.GetCommandName() -ErrorAction Stop).Parameters
                $command.CommandElements | Where-Object { $_ -is [Management.Automation.Language.CommandParameterAst] } | ForEach-Object { $known.Keys | Should -Contain $_.ParameterName }
            }
            return
        }
        $printed = Invoke-Step "`$ErrorActionPreference = 'Continue'; & {`n$code`n} | Out-String -Width 100"
        if ($expected) {
            $shown = { param($text) @($text -split '\r?\n' | ForEach-Object TrimEnd | Where-Object Length) -join "`n" }
            & $shown ($printed -join '') | Should -Be (& $shown $expected)
        }
    }
}
