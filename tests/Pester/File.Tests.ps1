BeforeAll {
    . "$PSScriptRoot/Common.ps1"
    . "$PSScriptRoot/FileGraph.ps1"
}
AfterAll {
    Clear-Nodes
    Remove-Item -LiteralPath $folder -Recurse -Force
}

Describe 'Get-BitswapFile' {
    It 'lists a directory' {
        $entries = Get-BitswapFile $root -Node $client
        $entries.Name | Should -Be 'Zero', 'big.bin', 'docs', 'link'
        $entries.Type | Should -Be 'File', 'File', 'Directory', 'Symlink'
        $entries[1].Size | Should -Be 500KB
        $entries[2].Size | Should -BeNullOrEmpty
        $entries[3].Target | Should -Be 'docs/notes.txt'
        $entries[1].Path | Should -Be "/ipfs/$root/big.bin"
        $entries[1].Cid | Should -Be $big.Cid
        $entries[0] | Should -BeOfType Bitswap.BitswapFile
    }

    It 'lists with -Recurse, and by paths' {
        (Get-BitswapFile "/ipfs/$root" -Recurse -Node $client).Path | ForEach-Object { $_.Substring("/ipfs/$root/".Length) } |
            Should -Be 'Zero', 'big.bin', 'docs', 'docs/a b%20c.txt', 'docs/notes.txt', 'link'
        (Get-BitswapFile "$root/docs" -Node $client).Name | Should -Be 'a b%20c.txt', 'notes.txt'
        (Get-BitswapFile "/ipfs/$root/docs/a b%20c.txt" -Node $client).Size | Should -Be 7
        (Get-BitswapFile "ipfs://$root/docs/a%20b%2520c.txt" -Node $client).Name | Should -Be 'a b%20c.txt'
    }

    It 'takes CIDs, its own output and objects with a Cid' {
        ($tree.Cid | Get-BitswapFile -Node $client).Count | Should -Be 4
        (Get-BitswapFile $root -Node $client | Where-Object Type -EQ Directory | Get-BitswapFile).Count | Should -Be 2
        ([pscustomobject]@{ Cid = $root } | Get-BitswapFile -Node $client).Count | Should -Be 4
    }

    It 'tells what is wrong with one, and goes on' {
        $errors = @()
        $found = 'nonsense', "$root/none", "$root/big.bin/x", "$root/..", "$root/docs" | Get-BitswapFile -Node $client -ErrorAction SilentlyContinue -ErrorVariable errors
        $found.Count | Should -Be 2
        $errors.FullyQualifiedErrorId | Should -Be @('InvalidCid', 'PathNotFound', 'NotADirectory', 'InvalidPath' | ForEach-Object { "$_,Bitswap.Commands.GetBitswapFileCommand" })
        $errors[1].CategoryInfo.Category | Should -Be 'ObjectNotFound'
        $errors[2].ErrorDetails.RecommendedAction | Should -Match 'Get-BitswapFile'
    }

    It 'asks nobody with -Local' {
        $lonely = Start-BitswapNode
        $failure = Get-Failure { Get-BitswapFile $root -Local -Node $lonely -ErrorAction Stop }
        $failure.FullyQualifiedErrorId | Should -Match '^BlockNotFound,'
        (Get-BitswapFile $root -Local -Node $provider).Count | Should -Be 4
        Stop-BitswapNode $lonely
    }

    It 'lists a folder from its own block, whatever else is missing' {
        $lonely = Start-BitswapNode
        foreach ($cid in $root, $inner.Cid) { $null = Get-BitswapBlock $cid -Raw -Node $provider | Add-BitswapBlock -Codec dag-pb -Node $lonely }
        Remove-BitswapBlock $inner.Cid -Node $lonely -Confirm:$false
        foreach ($local in $true, $false) {
            $entries = Get-BitswapFile $root -Local:$local -Node $lonely -ErrorAction Stop
            $entries.Name | Should -Be 'Zero', 'big.bin', 'docs', 'link'
            $entries.Type | Should -Be 'File', 'Unknown', 'Unknown', 'Unknown'
            $entries[1].Cid | Should -Be $big.Cid
            $entries[1].Size | Should -BeNullOrEmpty
            $story = (Get-BitswapFile $root -Local:$local -Node $lonely -Verbose 4>&1) -join "`n"
            $story | Should -Match "What '/ipfs/$root/docs' is, or holds, is not known: "

            # what a walk leaves out is an error, and the walk goes on
            $entries = Get-BitswapFile $root -Recurse -Local:$local -Node $lonely -ErrorAction SilentlyContinue -ErrorVariable gaps
            $entries.Name | Should -Be 'Zero', 'big.bin', 'docs', 'link'
            $gaps.TargetObject | Should -Be $entries[1..3].Cid
            $id = $local ? 'BlockNotFound' : 'BlockUnavailable'
            $gaps[1].FullyQualifiedErrorId | Should -Be "$id,Bitswap.Commands.GetBitswapFileCommand"
            "$($gaps[1].ErrorDetails)" | Should -Match "^What '/ipfs/$root/docs' is, or holds, is not known: "
            $gaps[1].ErrorDetails.RecommendedAction | Should -Not -BeNullOrEmpty
        }

        Get-BitswapFile $root -Local -Node $lonely | Out-String -Width 80 | Should -Match 'Unknown'
        Stop-BitswapNode $lonely
    }

    It 'waits once for a peer that says nothing, however much is missing' {
        $network = New-BitswapTestNetwork
        $silent = Start-BitswapNode -Network $network
        $getter = Start-BitswapNode -Network $network
        $entries = @{}
        foreach ($i in 1..1200) { $entries["n$i"] = [pscustomobject]@{ Cid = (Get-BitswapCid "missing $i" -Codec dag-pb).Cid; Size = 10 } }
        $many = Add-Directory $entries
        $null = Get-BitswapBlock $many.Cid -Raw -Node $provider | Add-BitswapBlock -Codec dag-pb -Node $getter
        $null = Connect-BitswapPeer $silent -Node $getter
        $network.SetSilent($silent, $true)
        $timer = [Diagnostics.Stopwatch]::StartNew()
        $listed = Get-BitswapFile $many.Cid -TimeoutSeconds 4 -Node $getter
        $timer.Elapsed.TotalSeconds | Should -BeLessThan 12 -Because 'three times the read-ahead is missing, and is waited for once'
        $listed.Count | Should -Be 1200
        @($listed.Type | Select-Object -Unique) | Should -Be 'Unknown'
        $getter, $silent | Stop-BitswapNode
    }

    It 'asks only -Peer, and dials it' {
        $third = Start-BitswapNode
        (Get-BitswapFile $root -Peer $provider -Node $third).Count | Should -Be 4
        $third.Peers | Should -Contain $provider.PeerId
        Stop-BitswapNode $third
    }

    It 'fails at once where there is nobody to ask, or nobody has it' {
        $lonely = Start-BitswapNode
        foreach ($node in $lonely, $client) {
            (Get-Failure { Get-BitswapFile (New-UnknownCid) -Node $node -ErrorAction Stop }).FullyQualifiedErrorId | Should -Match '^BlockUnavailable,'
        }
        Stop-BitswapNode $lonely
    }

    It 'shows a table' {
        Get-BitswapFile $root -Recurse -Node $client | Out-String -Width 100 | Should -Match 'docs/notes.txt'
    }

    It 'completes names from local blocks, and never throws' {
        $typed = "Get-BitswapFile -Node $($provider.Name) -Cid /ipfs/$root/do"
        (TabExpansion2 $typed $typed.Length).CompletionMatches.CompletionText | Should -Be "/ipfs/$root/docs"
        $typed = "Get-BitswapFile -Node $($provider.Name) -Cid $root/docs/"
        (TabExpansion2 $typed $typed.Length).CompletionMatches.CompletionText | Should -Be "'$root/docs/a b%20c.txt'", "$root/docs/notes.txt"
        foreach ($bad in 'nonsense/a', "$(New-UnknownCid)/", '/ipfs//', "$root/big.bin/") {
            $typed = "Get-BitswapFile -Node $($provider.Name) -Cid $bad"
            { TabExpansion2 $typed $typed.Length } | Should -Not -Throw
        }
    }
}

Describe 'Get-BitswapContent' {
    It 'gives lines, as Get-Content does' {
        Get-BitswapContent "$root/docs/notes.txt" -Node $client | Should -Be 'first line', 'zweite Zeile: äöü', 'last'
    }

    It 'gives one string, one byte[], or bytes' {
        Get-BitswapContent $text.Cid -AsString -Node $client | Should -Be "first line`r`nzweite Zeile: äöü`nlast"
        $bytes = Get-BitswapContent "$root/big.bin" -Raw -Node $client
        , $bytes | Should -BeOfType byte[]
        [Convert]::ToHexString([Security.Cryptography.SHA256]::HashData($bytes)) | Should -Be $bigHash
        $single = @(Get-BitswapContent "$root/docs/notes.txt" -AsByteStream -Count 5 -Node $client)
        $single.Count | Should -Be 5
        $single[0] | Should -BeOfType byte
        $single | Should -Be ([Text.Encoding]::UTF8.GetBytes('first'))
        (Get-BitswapContent "$root/Zero" -Raw -Node $client).Count | Should -Be 0
        Get-BitswapContent "$root/Zero" -Node $client | Should -BeNullOrEmpty
    }

    It 'shows how far the writing of a file is, and leaves nothing when it is stopped' {
        $bytes = [byte[]]::new(4000000)
        [Random]::new(3).NextBytes($bytes)
        $out = New-TemporaryFolder
        $network = New-BitswapTestNetwork
        $from, $to, $stopped = 1..3 | ForEach-Object { Start-BitswapNode -Network $network }
        $added = Add-BitswapFile -InputByte $bytes -ChunkSize 65536 -Node $from

        # two seconds in all
        $network.BytesPerSecond = 2MB
        $to, $stopped | ForEach-Object { $null = Connect-BitswapPeer $from -Node $_ }
        $window = New-ModuleRunspace
        $other = New-ModuleRunspace
        try {
            $null = $window.AddCommand('Get-BitswapContent').AddParameters(@{ Cid = $added.Cid; OutFile = "$out/a.bin"; Node = $to }).Invoke()
            $bar = @($window.Streams.Progress)
            $bar.Activity | Should -Contain 'Writing a.bin'
            @($bar.StatusDescription) -match '^\d+ blocks, [\d.]+ (KiB|MiB), [\d.]+ (KiB|MiB)/s$' | Should -Not -BeNullOrEmpty
            $bar[-1].RecordType | Should -Be 'Completed'
            [IO.File]::ReadAllBytes("$out/a.bin").Length | Should -Be $bytes.Length

            $null = $other.AddCommand('Get-BitswapContent').AddParameters(@{ Cid = $added.Cid; OutFile = "$out/b.bin"; Node = $stopped }).BeginInvoke()
            Wait-Until { @($other.Streams.Progress).Count -gt 0 }
            $other.Stop()
            (Get-ChildItem $out -Force).Name | Should -Be 'a.bin'
            Wait-Until { -not (Get-BitswapWantlist -Node $stopped) }
        }
        finally {
            $window.Runspace.Dispose()
            $other.Runspace.Dispose()
            $from, $to, $stopped | Stop-BitswapNode
            $network.Dispose()
            Remove-Item -LiteralPath $out -Recurse
        }
    }

    It 'writes the bytes to a file, all or a range' {
        $bytes = [byte[]]::new(3000000)
        [Random]::new(2).NextBytes($bytes)
        $added = Add-BitswapFile -InputByte $bytes -Name random -Node $provider
        $out = New-TemporaryFolder
        try {
            $file = Join-Path $out 'out.bin'
            Get-BitswapContent $added -Node $client -OutFile $file | Should -BeNullOrEmpty
            (Get-FileHash -LiteralPath $file).Hash | Should -Be (Get-FileHash -InputStream ([IO.MemoryStream]::new($bytes))).Hash
            Get-BitswapContent $added -Node $client -OutFile $file -Offset 10 -Count 5
            [IO.File]::ReadAllBytes($file) | Should -Be $bytes[10..14]
            (Get-Failure { Get-BitswapContent $added, $added -Node $client -OutFile $file }).FullyQualifiedErrorId | Should -BeLike 'OutFileTaken,*'
            (Get-Failure { Get-BitswapContent $added -Node $client -OutFile $out }).FullyQualifiedErrorId | Should -BeLike 'OutFileFailed,*'
            $failure = Get-Failure { Get-BitswapContent $added -Node $client -OutFile "$out/none/file" }
            $failure.FullyQualifiedErrorId | Should -BeLike 'OutFileFailed,*'
            "$failure" | Should -BeLike "*cannot be written: There is no folder '*none'."
            Get-ChildItem -LiteralPath $out | Should -HaveCount 1
        }
        finally {
            Remove-Item -LiteralPath $out -Recurse
        }
    }

    It 'gives a range, and fetches only what holds it' {
        $third = Start-BitswapNode
        $null = Connect-BitswapPeer $provider -Node $third
        $got = Get-BitswapContent $big.Cid -Raw -Offset (200KB - 10) -Count 20 -Node $third
        $got | Should -Be $random[(200KB - 10)..(200KB + 9)]
        (Get-BitswapStat $third).BlocksReceived | Should -Be 3
        (Get-BitswapContent $big.Cid -Raw -Offset 500KB -Count 5 -Node $third).Count | Should -Be 0
        Stop-BitswapNode $third
    }

    It 'reads other encodings, and leaves a byte order mark out' {
        $marked = Add-BitswapBlock ([byte[]]([Text.Encoding]::Unicode.GetPreamble() + [Text.Encoding]::Unicode.GetBytes("a`nb"))) -Node $provider
        Get-BitswapContent $marked.Cid -Encoding unicode -Node $provider | Should -Be 'a', 'b'
        Get-BitswapContent $marked.Cid -AsString -Encoding unicode -Node $provider | Should -Be "a`nb"
        (Get-Failure { Get-BitswapContent $marked.Cid -Encoding nonsense -Node $provider }).FullyQualifiedErrorId | Should -Match '^UnknownName,'
    }

    It 'refuses a directory' {
        (Get-Failure { Get-BitswapContent $root -Node $client -ErrorAction Stop }).FullyQualifiedErrorId | Should -Be 'NotAFile,Bitswap.Commands.GetBitswapContentCommand'
    }

    It 'stops at Select-Object -First' {
        Get-BitswapContent "$root/docs/notes.txt" -Node $client | Select-Object -First 1 | Should -Be 'first line'
        Get-BitswapWantlist -Node $client | Should -BeNullOrEmpty
    }
}
