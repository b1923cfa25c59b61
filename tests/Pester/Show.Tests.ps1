BeforeAll {
    . "$PSScriptRoot/Common.ps1"
    $pair = New-NodePair
    $provider = $pair.Provider
    $client = $pair.Client
    $folder = New-TemporaryFolder

    # {"a":link,"b":link} of dag-cbor (ipld.io/specs/codecs/dag-cbor): a link is tag 42 over a zero and the bytes of the CID
    function Add-Map([Bitswap.Cid[]] $Links) {
        $bytes = [Collections.Generic.List[byte]]::new()
        $bytes.Add(0xA0 + $Links.Count)
        for ($i = 0; $i -lt $Links.Count; $i++) {
            $codec = $Links[$i].CodecName -eq 'raw' ? 0x55 : 0x71
            $bytes.AddRange([byte[]](0x61, (0x61 + $i), 0xD8, 0x2A, 0x58, 0x25, 0, 1, $codec, 0x12, 0x20))
            $bytes.AddRange([Convert]::FromHexString((Get-BitswapCid -Cid $Links[$i]).Digest))
        }

        Add-BitswapBlock -InputObject $bytes.ToArray() -Codec dag-cbor -Node $provider
    }

    $leaf = 'leaf' | Add-BitswapBlock -Node $provider
    $absent = New-UnknownCid
    $inner = Add-Map $leaf.Cid, $absent
    $root = Add-Map $inner.Cid, $leaf.Cid

    # pwsh in a terminal of 100 columns and 30 lines; the script program gives it one, on Linux
    function Invoke-InTerminal([string] $Script, [string] $Switches = '') {
        $file = Join-Path $folder "$([guid]::NewGuid().ToString('N')).ps1"
        Set-Content -LiteralPath $file -Value "Import-Module '$ManifestPath'; $Script"
        $env:TERM = 'xterm-256color'
        $command = @($PowerShellHost.FilePath) + $PowerShellHost.ArgumentList | ForEach-Object { "'$_'" }
        (script -qec "stty cols 100 rows 30; exec $command -NoProfile $Switches -File '$file'" /dev/null) -join "`n"
    }
}
AfterAll {
    Clear-Nodes
    Remove-Item -LiteralPath $folder -Recurse -Force
}

Describe 'Show-BitswapDag' {
    It 'gives the blocks of a graph, each before what it links to' {
        $rows = $root | Show-BitswapDag -Node $provider
        $rows.Cid | Should -Be @($root.Cid, $inner.Cid, $leaf.Cid, $absent, $leaf.Cid)
        $rows.State | Should -Be 'Stored', 'Stored', 'Stored', 'Missing', 'Repeated'
        $rows.Depth | Should -Be 0, 1, 2, 2, 1
        $rows[1].Parent | Should -Be $root.Cid
    }

    It 'asks nobody for what is missing, and marks it' {
        Show-BitswapDag $root.Cid -Node $client | ForEach-Object State | Should -Be 'Missing'
        Test-BitswapBlock $root.Cid -Node $client | Should -BeFalse
    }

    It 'fetches with -Fetch, and with -Peer from these' {
        $rows = Show-BitswapDag $root.Cid -Node $client -Fetch -TimeoutSeconds 20
        $rows.State | Should -Be 'Stored', 'Stored', 'Stored', 'Missing', 'Repeated'
        $rows[3].Error | Should -Not -BeNullOrEmpty
        $late = 'late' | Add-BitswapBlock -Node $provider
        (Show-BitswapDag $late.Cid -Node $client -Peer $provider).State | Should -Be 'Stored'
    }

    It 'keeps to its limits and says so' {
        $warnings = $null
        (Show-BitswapDag $root.Cid -Node $provider -Limit 2 -WarningVariable warnings -WarningAction SilentlyContinue).Count | Should -Be 2
        $warnings | Should -Match '-Limit'
        (Show-BitswapDag $root.Cid -Node $provider -Depth 0).Hidden | Should -Be 2
        @(Show-BitswapDag $root.Cid -Node $provider -LinkLimit 1).Count | Should -Be 3
    }

    It 'draws a tree within 100 columns' {
        $lines = Show-BitswapDag $root.Cid -Node $provider | Out-String -Stream -Width 100 | ForEach-Object { $_ -replace '\e\[[0-9;]*m' }
        ($lines -match 'dag-cbor +\d+ B +2 +├─ #0$').Count | Should -Be 1
        ($lines -match ' missing +│  └─ #1$').Count | Should -Be 1
        ($lines -match ' \(above\) +4 B +└─ #1$').Count | Should -Be 1
        $lines | ForEach-Object { $_.Length | Should -BeLessOrEqual 100 }
    }

    It 'gives <Form> text' -ForEach @{ Form = 'Mermaid'; Start = 'flowchart LR' }, @{ Form = 'dot'; Start = 'digraph dag {' } {
        $text = Show-BitswapDag $root.Cid -Node $provider -As $Form
        $text | Should -BeOfType [string]
        $text.Split("`n")[0] | Should -Be $Start
    }

    It 'writes <Name>, by its extension' -ForEach @{ Name = 'g.mmd'; Start = 'flowchart LR' }, @{ Name = 'g.gv'; Start = 'digraph dag {' }, @{ Name = 'g.txt'; Start = '(root)  dag-cbor' } {
        $file = Show-BitswapDag $root.Cid -Node $provider -OutFile (Join-Path $folder $Name)
        $file | Should -BeOfType [IO.FileInfo]
        [IO.File]::ReadAllText($file.FullName) | Should -Match "^$([regex]::Escape($Start))"
    }

    It 'ends with Select-Object -First, and refuses what is no CID' {
        Show-BitswapDag $root.Cid -Node $provider | Select-Object -First 1 | ForEach-Object Cid | Should -Be $root.Cid
        (Get-Failure { Show-BitswapDag 'no cid' -Node $provider -ErrorAction Stop }).FullyQualifiedErrorId | Should -Match '^InvalidCid,'
    }
}

Describe 'Show-BitswapNode' {
    It 'gives objects where there is no terminal' {
        $samples = Show-BitswapNode -Node $provider -Count 2 -Interval 0.05 -AsObject
        $samples.Count | Should -Be 2
        $samples[1].Node | Should -Be $provider.Name
        $samples[1].Time | Should -BeGreaterThan $samples[0].Time
        $samples[1].Peers | Should -Be 1
    }

    It 'looks at several nodes at once' {
        $provider, $client | Show-BitswapNode -Count 1 -AsObject | ForEach-Object { $_.Node } | Should -Be $provider.Name, $client.Name
    }

    It 'is plain lines in a table, within 100 columns' {
        $lines = Show-BitswapNode -Node $provider -Count 1 -AsObject | Out-String -Stream -Width 100 | Where-Object { $_ }
        $lines[-1] | Should -Match '^\d\d:\d\d:\d\d '
        $lines | ForEach-Object { ($_ -replace "`e\[[0-9;]*m").Length | Should -BeLessOrEqual 100 }
    }

    It 'stops and leaves the node usable' {
        $shell = New-ModuleRunspace
        try {
            $null = $shell.AddScript('param($node) Show-BitswapNode $node -Interval 60').AddArgument($provider)
            $output = [Management.Automation.PSDataCollection[psobject]]::new()
            $run = $shell.BeginInvoke([Management.Automation.PSDataCollection[psobject]]::new(), $output)
            Wait-Until { $output.Count -eq 1 }
            Stop-Shell $shell
            $run.IsCompleted | Should -BeTrue
            $provider.IsRunning | Should -BeTrue
        }
        finally {
            $shell.Runspace.Dispose()
            $shell.Dispose()
        }
    }

    It 'ends when the node does' {
        $mortal = Start-BitswapNode
        Show-BitswapNode $mortal -Interval 0.05 -AsObject | ForEach-Object {
            $mortal | Stop-BitswapNode -Force
            $_.Node
        } | Should -Be $mortal.Name
    }

    It 'draws in place in a terminal, gives it back, and takes no colour under NO_COLOR' -Skip:(-not ($IsLinux -and (Get-Command script -ErrorAction Ignore))) {
        $asked = $env:NO_COLOR
        try {
            $env:NO_COLOR = $null
            $text = Invoke-InTerminal '$n = Start-BitswapNode -Name seen; Show-BitswapNode -Count 2 -Interval 0.05'
            $env:NO_COLOR = '1'
            $plain = Invoke-InTerminal '$n = Start-BitswapNode -Name seen; Show-BitswapNode -Count 2 -Interval 0.05'
        }
        finally {
            $env:NO_COLOR = $asked
        }

        $text | Should -Match '(?s)\e\[\?1049h\e\[\?25l.*seen.*\e\[H.*seen.*\e\[\?1049l\e\[\?25h.*seen' -Because 'two frames, and the last one stays'
        $text | Should -Match '\e\[1mseen'
        $plain | Should -Match '(?s)seen.*\e\[9Aseen.*\n\e\[K$'
        $plain | Should -Not -Match '\e\[[0-9;]*mseen'
    }

    It 'gives objects in a terminal too with -NonInteractive' -Skip:(-not ($IsLinux -and (Get-Command script -ErrorAction Ignore))) {
        $text = Invoke-InTerminal '$n = Start-BitswapNode -Name seen; Show-BitswapNode -Count 1' '-NonInteractive'
        $text | Should -Not -Match '\e\[\?1049h'
        $text | Should -Match '\d\d:\d\d:\d\d seen'
    }
}

Describe 'Progress' {
    It 'is drawn in a terminal, and not with -NonInteractive' -Skip:(-not ($IsLinux -and (Get-Command script -ErrorAction Ignore))) {
        # a want that nobody answers, waited for longer than the second that progress holds back
        $script = '$n = Start-BitswapNode; 1..3 | ForEach-Object { (Get-BitswapCid "none $_").Cid } | Start-BitswapWant -TimeoutSeconds 1.5 | Wait-BitswapWant -ErrorAction Ignore; "ended"'
        $text = Invoke-InTerminal $script
        $text | Should -Match 'Waiting for blocks'
        $text = Invoke-InTerminal $script '-NonInteractive'
        $text | Should -Match 'ended'
        $text | Should -Not -Match 'Waiting for blocks'
    }
}
